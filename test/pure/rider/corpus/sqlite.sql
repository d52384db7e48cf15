==== several
«select 1»; «select 2»
==== quotes of all kinds
«select ';', "a;b", `c;d`, [e;f], 'it''s;', x'00', 'c:\'»;«select 2»
==== comments
-- a; b
«select 1 /* c; /* d; */, 2» -- e;
;«select 3»;
==== a comment to the end
«select 1»; /* a; b
==== a trigger
«create trigger t after insert on a begin
  update a set b = case when new.b then 1 else 2 end;
  insert into c select case x when 1 then 'end;' end from d;
end»;
«select 2»;
==== a temporary trigger, if not exists, with a condition
«create temp trigger if not exists t before update of b on a when new.b > 0 begin select raise(abort, 'x;'); end»;
«create temporary trigger u instead of delete on v begin delete from a; delete from b; end»;«select 2»
==== comments inside of a trigger
«create /* a */ trigger -- b;
t after insert on a begin select 1; -- end;
/* end; */ end»;«select 2»
==== a trigger without a semicolon after it
«create trigger t after insert on a begin select 1; end»
==== explaining a trigger
«explain create trigger t after insert on a begin select 1; end»;«select 2»
==== a column named end
«create trigger t after update on a begin update a set "end" = 1; select new."end"; end»;«select 1»
==== a statement in a trigger that begins with a quoted name is not its end
«create trigger t after insert on a begin select 1; end»;«create table "trigger" (a)»;«select 2»
==== a transaction is no trigger
«begin»;«insert into t values (1)»;«end»;«select 1»;
==== a table with a trigger's words
«create table trigger_t (begin_at, end_at)»;«drop trigger t»;«select 1»
==== placeholders and percent signs stay
«create table t (a default (strftime('%s','now')))»;«insert into t values (?)»;«select :a, @b, $c»
==== a string that never ends !! never ends
select 'a;
==== a bracket that never ends !! never ends
select [a;
==== hash is no comment
«select 1 # 2»;
==== an empty statement in a trigger, which SQLite itself refuses, does not end it
«create trigger t after insert on a begin select 1; /* b */; end»;«select 2»
