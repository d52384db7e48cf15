==== several
«select 1»; «select 2»
==== quotes of all kinds
«select ';', "a;b", `c;d`, 'it''s;', "say ""x"";", 'it\'s;', "\";", `e``;`»;«select 2»
==== a backslash before the closing quote
«select 'c:\\'»;«select 'd'»
==== comments
# a; b
-- c; d
--	e; f
/* g; h */ «select 1 # i; j
, 2»; --
«select 3»;
==== two hyphens without a blank are a subtraction
«select 5--3»;«select 1»
==== comments do not nest
/* a /* b */ «select 1»;
==== executable comments
«/*!40101 set names utf8 */»;
«/*! select 1; */»;
«create table t (a int) /*!50100 partition by hash (a); */»;«/*M!100100 select 1 */»;
==== an optimizer hint
«select /*+ max_execution_time(1000) */ 1»;«select 2»
==== DELIMITER
DELIMITER //
«create procedure p() begin select 1; select 2; end»//
«create procedure q() begin select 3; end»  //
delimiter ;
«call p()»; «call q()»;
==== DELIMITER with dollars, which belong to words
delimiter $$
«create procedure p() begin select 1; end»$$
«select 2»$$
delimiter ;
«select 3»;
==== DELIMITER of letters and a semicolon
DELIMITER ;;
«create trigger t before insert on a for each row begin set @x = 1; end»;;
DELIMITER ;
«select 1»;
==== as mysqldump writes a trigger
DELIMITER ;;
«/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON a
FOR EACH ROW BEGIN SET NEW.b = 1; END */»;;
DELIMITER ;
«/*!50003 SET sql_mode = @saved_sql_mode */»;
==== a delimiter in quotes does not count
delimiter //
«select '//', "//", `//`»//
delimiter ;
==== DELIMITER without one !! DELIMITER takes
delimiter
select 1;
==== delimiter is a name elsewhere
«select delimiter from t»;«select 1»
==== a procedure without DELIMITER
«create procedure p(in a int, out b decimal(10,2))
  comment 'x;' deterministic
begin
  declare done int default 0;
  declare continue handler for not found set done = if(a, 1, 0);
  declare exit handler for sqlexception, sqlwarning begin rollback; end;
  if a > 0 then select 1; elseif a = 0 then select 2; else select 3; end if;
  label: while a > 0 do set a = a - 1; end while label;
  repeat set a = a + 1; until a > 10 end repeat;
  loop leave x; end loop;
  case a when 1 then select 1; else begin end; end case;
  select case when a then if(a, 1, 2) else repeat('x', 3) end;
  select t.end, `begin` from t;
end»;
«select 2»;
==== a body of one statement
«create procedure p() select 1»;«create function f(a int) returns int deterministic return a + 1»;«select 2»
==== a body of one block that is no begin
«create procedure p(a int) if a then select 1; end if»;«select 2»
==== a trigger on a condition
«create trigger t after update on a for each row if new.b <> old.b then insert into c values (1); end if»;
«create trigger u after insert on a for each row set @x = if(new.b, 1, 0)»;«select 2»
==== an event
«create event e on schedule every 1 day do begin delete from a; delete from b; end»;
«create event f on schedule every 1 day do delete from a»;«select 2»
==== a definer, or replace, if not exists
«create or replace definer = `root`@`%` procedure if not exists p() begin select 1; end»;«select 2»
==== a loaded function has no body
«create function f returns string soname 'f.so'»;«select 1»
==== a transaction is no block
«begin»;«insert into t values (1)»;«commit»;«start transaction»;«select 1»;«rollback»;
==== MariaDB's block by itself
«begin not atomic declare a int; set a = 1; if a then select 1; end if; end»;«select 2»
==== tables and views are no routines
«create table begin_t (a int, `case` int)»;«create view v as select case a when 1 then 2 end from t»;«select 2»
==== a table with a trigger's words
«create table t (`trigger` int, event int)»;«drop trigger if exists x»;«select 1»
==== variables named like keywords
«create procedure p() begin set @end = 1; set @begin = 2; end»;«select @end»;
==== a label and a nested block
«create procedure p() outer_block: begin inner_block: begin select 1; end inner_block; leave outer_block; end outer_block»;«select 2»
==== for, in MariaDB
«create procedure p() begin for i in 1..3 do insert into t values (i); end for; end»;«select 1»
==== a cursor
«create procedure p() begin declare c cursor for select a from t; declare exit handler for not found close c; open c; end»;«select 1»
==== case as the last word of a statement
«create function f(a int) returns varchar(9) reads sql data return case a when 1 then 'x;' else 'y' end»;«select 1»
==== placeholders and percent signs stay
«select '%s', ?, 100 % 7»;«select ?»
==== a string that never ends !! never ends
select 'it\';
==== a comment that never ends !! never ends
select 1; /* a
==== a null written \N
«insert into t values (\N)»;«select 1»
==== a function that returns a set
«create function f() returns set('a;','b') character set utf8mb4 deterministic begin return 'a;'; end»;«select 1»
