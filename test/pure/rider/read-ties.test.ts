import assert from "node:assert/strict";
import { test } from "node:test";
import type { DialectName } from "../../../src/rider/model/dialect.ts";
import { mentionsOf, needsOf, setsOnlyVariables, tiedToNext } from "../../../src/rider/read/ties.ts";

/** The statements, each with `+` before it where it belongs to the one before. */
function joined(dialect: DialectName, statements: readonly string[]): string[] {
  const tied = tiedToNext(statements.map((text) => mentionsOf(text, dialect)));
  return statements.map((text, i) => (tied[i - 1] ? `+ ${text}` : text));
}

const CASES: readonly (readonly [DialectName, readonly string[]])[] = [
  ["mysql", ["insert into t values (1)", "update t set a = 2", "delete from t"]],
  ["mysql", ["set @a = 1", "+ insert into t values (2)", "+ insert into t values (@A)", "delete from t"]],
  ["mysql", ["set @@sql_mode = ''", "select @@sql_mode"]],
  ["mysql", ["select 1 into @`a b`", "+ insert into t values (@`a b`)"]],
  ["mysql", ["insert into t values ('@a')", "insert into t values ('@a') -- @a"]],
  ["mysql", ["/*!40101 set @old = @@sql_mode */", "+ /*!40101 set sql_mode = @old */"]],
  [
    "mysql",
    ["insert into a values (1)", "insert into t values (1)", "+ insert into u values (last_insert_id())"],
  ],
  ["mysql", ["update t set a = 1", "insert into t values (2)", "+ set @n = row_count()", "+ select @n"]],
  [
    "mysql",
    [
      "create temporary table if not exists w (a int)",
      "+ insert into w values (1)",
      "+ drop temporary table w",
      "select 1 from w",
    ],
  ],
  ["mysql", ["prepare s from 'select 1'", "+ execute s", "+ deallocate prepare s", "execute s2"]],
  [
    "postgresql",
    ["create temp table w as select 1", "+ update t set a = 1", "+ insert into t select * from w"],
  ],
  ["postgresql", ["create or replace temporary view w as select 1", '+ select * from "w"']],
  ["postgresql", ["select 1 into temp w", "+ select * from w"]],
  ["postgresql", ["create table temp (a int)", "insert into temp (a) values (1)", "select a from t"]],
  ["postgresql", ["insert into t values (1)", "+ insert into u values (lastval())"]],
  ["postgresql", ["set a.b = '@x'", "select 1 @> 2", "select x @ y, x", "select x @ y"]],
  ["postgresql", ["prepare s as select 1", "+ execute s (1)", "vacuum t"]],
  ["sqlite", ["create temp trigger w after insert on t begin select 1; end", "+ drop trigger w"]],
  ["sqlite", ["insert into t values (1)", "+ insert into u values (last_insert_rowid(), changes())"]],
];

for (const [dialect, wanted] of CASES) {
  test(`${dialect}: what belongs into one transaction: ${wanted.join("; ").slice(0, 90)}`, () => {
    assert.deepEqual(
      joined(
        dialect,
        wanted.map((text) => text.replace(/^\+ /, "")),
      ),
      wanted,
    );
  });
}

test("variables are needed from the first statement that names them to the last, and as long as what is prepared from them", () => {
  const all = ["set @a = 1", "set @b = @a", "prepare s from @b", "select 1", "execute s", "select @@c"];
  const { variables, key } = needsOf(all.map((text) => mentionsOf(text, "mysql")));
  assert.deepEqual(Object.fromEntries(variables), { a: { first: 0, last: 1 }, b: { first: 1, last: 4 } });
  assert.equal(key, undefined);
});

test("the last key is needed from the first insert to the last question for it", () => {
  const all = [
    "select last_insert_id()",
    "insert into t values (1)",
    "select 1",
    "select last_insert_id()",
    "select 2",
  ];
  assert.deepEqual(needsOf(all.map((text) => mentionsOf(text, "mysql"))).key, { first: 1, last: 3 });
});

for (const [text, only] of [
  ["set @a = 1", true],
  ["SET @a := (select max(a, b) from t), @b = 2", true],
  ["set @a = 1, sql_mode = ''", false],
  ["set @@sql_mode = ''", false],
  ["set names utf8mb4", false],
  ["select @a", false],
] as const) {
  test(`${text} ${only ? "sets variables and nothing else" : "sets something else"}`, () => {
    assert.equal(setsOnlyVariables(text), only);
  });
}
