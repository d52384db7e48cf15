import assert from "node:assert/strict";
import { test } from "node:test";
import { type Intent, readingOf } from "../../../src/driver/sqlite-text.ts";

const INTENTS: Record<Intent, readonly string[]> = {
  read: [
    "select 1",
    "  -- a note\n /* and another */ SELECT * from t",
    "values (1), (2)",
    "explain insert into t values (1)",
    "with a as (select 'insert into x') select * from a",
    'with "update" as (select 1) select * from "update"',
    "pragma table_info(t)",
    "pragma journal_mode",
    "pragma main.user_version",
  ],
  write: [
    "insert into t values (1)",
    "replace into t values (1)",
    "update t set a = 1",
    "delete from t",
    "create table t (a)",
    "create temp table t (a)",
    "drop table t",
    "alter table t add column b",
    "vacuum",
    "reindex",
    "analyze",
    "with a as (select 1) insert into t select * from a",
    "with a as (select 1) delete from t",
    // In doubt.
    "with a as (select replace('a', 'b', 'c')) select * from a",
    "pragma journal_mode = wal",
    "pragma user_version(3)",
    "pragma wal_checkpoint",
    "pragma optimize",
    "selekt",
    "",
  ],
  begin: ["begin immediate", "BEGIN /* now */ EXCLUSIVE transaction"],
  plain: [
    "begin",
    "begin deferred",
    "commit",
    "end",
    "rollback to s",
    "savepoint s",
    "release s",
    "attach 'x' as y",
    "pragma foreign_keys = on",
    "pragma cache_size(-100)",
  ],
};

test("what a statement needs of its file is seen from its text", () => {
  for (const [intent, texts] of Object.entries(INTENTS)) {
    for (const text of texts) assert.equal(readingOf(text).intent, intent, text);
  }
});

test("what it may leave in the session is seen too, and asking leaves nothing", () => {
  for (const text of [
    "pragma foreign_keys = off",
    "create temp table t (a)",
    "attach 'x' as y",
    "pragma cache_size(9)",
  ]) {
    assert.equal(readingOf(text).residue, true, text);
  }
  for (const text of [
    "pragma table_info(t)",
    "pragma foreign_keys",
    "pragma journal_mode = wal",
    "select 1",
  ]) {
    assert.equal(readingOf(text).residue, false, text);
  }
});

test("the figures of a statement that changes nothing are not its own", () => {
  assert.deepEqual(
    ["insert into t values (1)", "update t set a = 1", "create table t (a)", "select 1"].map((text) => {
      const { changes, inserts } = readingOf(text);
      return [changes, inserts];
    }),
    [
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ],
  );
});
