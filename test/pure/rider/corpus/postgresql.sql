==== one without a semicolon
«select 1»
==== several, blanks and empty statements between
  «select 1» ; ;;
«select 2»;

;
==== nothing at all
==== only comments and semicolons
-- a; b
/* c; d */ ; ;
==== a byte order mark
﻿«select 1»;«select 2»
==== quotes of all kinds
«select ';' as ";", 'it''s;' || E'it\'s; \\' || U&'\;' || B'01' as "a"";b"»;«select 2»
==== a backslash at the end of a standard string
«select 'c:\'»;«select E'a\\'»;«select 'x'»
==== a doubled quote does not end an escape string
«select E'a''\'; b'»;«select 2»
==== E belongs to a longer word
«select type'a\'»;«select 2»
==== an upper-case escape string over two lines
«select E'a
\';b'»;«select 2»
==== dollar quotes
«create function f() returns void as $$ begin; end; $$ language plpgsql»;«select 2»
==== dollar quotes in dollar quotes
«do $outer$ begin execute $inner$ select ';'; $inner$; execute $$x;$$; end $outer$»;«select 1»
==== a tag that is the beginning of another
«select $a$ ; $ab$ ; $a$»;«select 2»
==== a tag with letters beyond ASCII
«select $été$;$étés$;$été$»;«select 2»
==== parameters are no quotes
«select $1, $2»;«select $1»
==== dollars in a name
«select a$b$c from t»;«select d$b$e»
==== comments with semicolons
-- first; second
«select 1 -- one; two
 , 2» /* three; /* four; */ five; */;«select 2»
==== a nested comment
/* a /* b */ ; */ «select 1»;
==== quotes in comments
-- it's
«select 1»; /* don't; "really */ «select 2»; -- $$ '
==== two hyphens are always a comment
«select 5»--3; 4
;
==== a rule with several actions
«create rule r as on insert to t do also (insert into a values (1); insert into b values (2))»;«select 1»
==== begin atomic
«create function f(a int) returns int language sql
begin atomic
  select 1;
  select case when a > 0 then 1 else case a when 0 then 2 end end;
end»;«select 2»
==== begin atomic in a procedure, or replace, and after it a transaction
«create or replace procedure p() begin atomic insert into t values (1); end»;
«begin»;«select 1»;«end»;
==== a label named end
«create function f() returns int begin atomic select 1 as end; select t.end from t; end»;«select 2»
==== begin is only a name
«create function begin() returns int language sql as 'select 1;'»;«select 2»
==== CR LF
«select 1»;
«select
2»;
==== operators that look like something else
«select a #- b, c ->> 'd;', e @> f, g ? 'h', i % j, 1::text»;«select '{a,b}'::text[]»
==== placeholders and percent signs stay
«select '%s', ?, :name, 100 % 7 where a like '%;%'»;«select ?»
==== a meta-command !! command of psql
select 1;
\d t
==== what pg_dump writes first !! command of psql
\restrict abc
==== copy from stdin !! COPY … FROM stdin
copy public.t (a, b) from stdin;
1	2
\.
==== copy from a file is fine
«copy t from '/tmp/x.csv' csv»;«copy (select 1) to stdout»
==== a string that never ends !! never ends
select 'a;
select 2;
==== a dollar quote that never ends !! ($tag$) that never ends
select $tag$ a; $tag
==== a comment that never ends !! a comment (/*) that never ends
select 1; /* /* */
==== a quoted name that never ends !! never ends
select "a;
==== create schema with its elements
«create schema s create table t (a int) create view v as select * from t»;«select 1»
==== more closing brackets than opening
«select 1)»;«select 2»
