import assert from "node:assert/strict";
import { test } from "node:test";
import type { DialectName } from "../../../src/rider/model/dialect.ts";
import { type Facts, mayBeRefused, recognise } from "../../../src/rider/read/recognise.ts";

/** Facts in short: the names of those that hold. */
function names(facts: Facts): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => (value ? name : []))
    .sort()
    .join(" ");
}

const cases: Record<DialectName, readonly (readonly [statement: string, facts: string])[]> = {
  postgresql: [
    ["select 1", ""],
    ["create table t (a int)", "ddl"],
    ["insert into t values (1)", ""],
    ["begin", "transactionControl"],
    ["/* a */ COMMIT and chain", "transactionControl"],
    ["end", "transactionControl"],
    ["start transaction isolation level serializable", "transactionControl"],
    ["rollback", "transactionControl"],
    ["rollback to savepoint a", ""],
    ["rollback work to a", ""],
    ["savepoint a", ""],
    ["release a", ""],
    ["prepare transaction 'x'", "transactionControl"],
    ["prepare x as select 1", ""],
    ["commit prepared 'x'", "transactionControl"],
    ["create index concurrently i on t (a)", "ddl outsideTransaction"],
    ["CREATE /* x */ UNIQUE INDEX\n-- y\nCONCURRENTLY IF NOT EXISTS i ON t (a)", "ddl outsideTransaction"],
    ['create index "concurrently" on t (a)', "ddl"],
    ["create index i on concurrently (a)", "ddl"],
    ["drop index concurrently i", "ddl outsideTransaction"],
    ["reindex index concurrently i", "ddl outsideTransaction"],
    ["reindex (verbose) table concurrently t", "ddl outsideTransaction"],
    ["reindex table t", "ddl"],
    ["reindex database d", "ddl outsideTransaction"],
    ["vacuum full t", "outsideTransaction"],
    ["create database d", "ddl outsideTransaction"],
    ["drop database if exists d", "ddl outsideTransaction"],
    ["create tablespace s location '/x'", "ddl outsideTransaction"],
    ["alter system set work_mem = '1MB'", "ddl outsideTransaction"],
    ["alter table t detach partition p concurrently", "ddl outsideTransaction"],
    ["alter table t detach partition p", "ddl"],
    ["create subscription s connection 'x' publication p", "ddl outsideTransaction"],
    ["create subscription s connection 'x' publication p with (connect = false)", "ddl"],
    ["alter type mood add value 'new'", "ddl hint"],
    ["alter type mood rename value 'a' to 'b'", "ddl"],
    ["refresh materialized view concurrently v", "ddl"],
    ["cluster", "ddl outsideTransaction"],
    ["cluster t using i", "ddl"],
    ["discard all", "outsideTransaction"],
    ["do $$ begin commit; end $$", ""],
  ],
  mysql: [
    ["select 1", ""],
    ["lock tables t write, u read", "commits never"],
    ["lock table t read", "commits never"],
    ["flush tables with read lock", "commits never"],
    ["flush tables", "commits"],
    ["unlock tables", "commits"],
    ["insert into t values (1)", ""],
    ["with a as (select 1) update t set a = 1", ""],
    ["set @a = 1", ""],
    ["set autocommit = 0", "commits transactionControl"],
    ["set @@session.autocommit=1", "commits transactionControl"],
    ["set @x = @@autocommit", "commits"],
    ["set password = 'x'", "commits ddl"],
    ["load data infile 'x' into table t", ""],
    ["create table t (a int)", "commits ddl"],
    ["create temporary table t (a int)", "ddl"],
    ["drop temporary table t", "ddl"],
    ["/*!40101 alter table t disable keys */", "commits ddl"],
    ["/*!40101 set names utf8 */", ""],
    ["truncate table t", "commits ddl"],
    ["rename table a to b", "commits ddl"],
    ["grant select on t to u", "commits ddl"],
    ["analyze table t", "commits"],
    ["call p()", "commits"],
    ["execute s", "commits"],
    ["begin", "commits transactionControl"],
    ["begin not atomic select 1; end", "commits"],
    ["commit", "commits transactionControl"],
    ["xa start 'x'", "commits transactionControl"],
    ["rollback to savepoint a", ""],
    ["# create table x\nselect 1", ""],
  ],
  sqlite: [
    ["select 1", ""],
    ["create table t (a)", "ddl"],
    ["begin immediate", "transactionControl"],
    ["end", "transactionControl"],
    ["rollback", "transactionControl"],
    ["rollback transaction to a", ""],
    ["vacuum", "outsideTransaction"],
    ["pragma journal_mode = wal", "outsideTransaction"],
    ["pragma main.journal_mode(wal)", "outsideTransaction"],
    ["pragma journal_mode", ""],
    ["pragma foreign_keys = off", "hint"],
    ["pragma foreign_keys", ""],
    ["pragma user_version = 3", ""],
    ["detach database d", "outsideTransaction"],
  ],
};

for (const dialect of ["postgresql", "mysql", "sqlite"] as const) {
  for (const [statement, facts] of cases[dialect]) {
    test(`${dialect}: ${JSON.stringify(statement)} is ${facts || "nothing special"}`, () => {
      assert.equal(names(recognise(statement, dialect)), facts);
      // What is refused is looked at whole; its first word says so.
      if (/transactionControl|outsideTransaction/.test(facts)) assert.ok(mayBeRefused(statement, dialect));
    });
  }
}

test("what begins with another word than those that are refused is not looked at twice", () => {
  assert.equal(mayBeRefused("create table t (id int)", "sqlite"), false);
  assert.equal(mayBeRefused("insert into t values (1)", "postgresql"), false);
  assert.equal(mayBeRefused("alter table t add a int", "mysql"), false);
  assert.equal(mayBeRefused("/* once */ vacuum", "sqlite"), true);
});

test("the advice says how a statement gets out of the transaction", () => {
  assert.equal(
    recognise("create index concurrently i on t (a)", "postgresql").outsideTransaction,
    "PostgreSQL does not run create index concurrently inside a transaction. Put it into a migration of its own that says it needs no transaction: `-- transactional: false` at the top of an SQL file, `export const transactional = false` in a module.",
  );
});
