import assert from "node:assert/strict";
import { test } from "node:test";
import { type Company, companyOf } from "../../../src/dialect/company.ts";

const EXPECTED: Record<Company, string[]> = {
  read: [
    "select 1",
    "SELECT $1::int",
    "  select * from contacts where id = $1 ;  ",
    "-- who\nselect name from contacts",
    "/* who */ /* else */ select 1",
    "values (1), (2)",
    "table contacts",
    "with old as (select * from contacts) select count(*) from old",
    "select id, 'updated' from contacts",
  ],
  write: [
    "insert into contacts (name) values ($1) returning id",
    "update contacts set name = $1",
    "delete from contacts where id = $1",
    "merge into contacts using x on true when matched then do nothing",
    "with gone as (delete from contacts returning *) select * from gone",
    "select * from contacts for update",
    "select * from contacts for no key update skip locked",
    "select * from contacts for share",
    "select * into copies from contacts",
  ],
  apart: [
    "begin",
    "start transaction",
    "commit",
    "savepoint a",
    "set search_path = a",
    "select set_config('a.b', 'c', false)",
    "listen news",
    "copy contacts from stdin",
    "prepare a as select 1",
    "execute a",
    "deallocate all",
    "discard all",
    "declare c cursor for select 1",
    "fetch c",
    "create temp table t (id int)",
    "create table t (id int)",
    "select * into temp t from contacts",
    "lock table contacts",
    "vacuum",
    "explain analyze delete from contacts",
    "do $$ begin end $$",
    "call something()",
    "select pg_advisory_lock(1)",
    "select pg_advisory_xact_lock(1)",
    "select pg_try_advisory_lock_shared(1)",
    "select pg_terminate_backend(1)",
    "select pg_cancel_backend(1)",
    "select nextval('s')",
    "select currval('s')",
    "select 1; select 2",
    "select 1; set a.b = 1",
    "insert into contacts (name) values ('a'); commit",
    "(select 1) union (select 2)",
    "",
    "-- nothing",
  ],
};

const IN_SQLITE: Record<Company, string[]> = {
  read: [
    "select * from contacts where id = ?",
    "values (1)",
    "with recursive c(x) as (select 1 union all select x + 1 from c where x < 9) select x from c",
    "select changes from releases",
    "select name from pragma_table_info('contacts')",
  ],
  write: [
    "insert into contacts values (?) returning id",
    "insert or ignore into contacts values (?)",
    "replace into contacts values (?)",
    "update contacts set name = ?",
    "with old as (select 1) insert into contacts select * from old",
    "with old as (select 1) delete from contacts where id in old returning *",
  ],
  apart: [
    "pragma user_version",
    "PRAGMA foreign_keys = on",
    "attach 'other.db' as other",
    "detach other",
    "select last_insert_rowid()",
    "select changes ()",
    "select total_changes()",
    "select load_extension('x')",
    "create temp table t (a)",
    "select * from temp.t",
    "begin immediate",
    "savepoint a",
    "explain query plan select 1",
    "vacuum",
  ],
};

for (const company of ["read", "write", "apart"] as const) {
  for (const text of IN_SQLITE[company]) {
    test(`in SQLite ${JSON.stringify(text)} keeps company as ${company}`, () => {
      assert.equal(companyOf(text, "sqlite"), company);
    });
  }
}

for (const company of ["read", "write", "apart"] as const) {
  for (const text of EXPECTED[company]) {
    test(`${JSON.stringify(text)} keeps company as ${company}`, () => {
      assert.equal(companyOf(text, "postgresql"), company);
    });
  }
}

const IN_MYSQL: Record<Company, string[]> = {
  read: ["select 1", "select @@version", "select 'a@b.c'", "table contacts"],
  write: [
    "insert into contacts values (1)",
    "select * from contacts for update",
    "replace into a values (1)",
  ],
  apart: [
    "select @last",
    "select @n := @n + 1",
    "select id into @last from contacts",
    "insert into children values (last_insert_id())",
    "select sql_calc_found_rows * from contacts",
    "select get_lock('a', 1)",
    "select sleep(1)",
    "set @a = 1",
    "call something()",
    "load data infile 'a' into table b",
    "create table t (id int)",
  ],
};

for (const company of ["read", "write", "apart"] as const) {
  for (const text of IN_MYSQL[company]) {
    test(`in MySQL ${JSON.stringify(text)} keeps company as ${company}`, () => {
      assert.equal(companyOf(text, "mysql"), company);
    });
  }
}
