import assert from "node:assert/strict";
import { test } from "node:test";
import { UnreadableError } from "../../../src/rider/model/errors.ts";
import { step } from "../../../src/rider/model/step.ts";
import { checksum } from "../../../src/rider/read/checksum.ts";
import { type FileName, parseFileName } from "../../../src/rider/read/file-name.ts";
import { moduleMigration } from "../../../src/rider/read/module.ts";
import { sqlMigration } from "../../../src/rider/read/sql-file.ts";

function name(file: string): FileName {
  const parsed = parseFileName(file);
  assert.ok(parsed);
  return parsed;
}
const file = { name: name("2-x.ts"), file: "migrations/2-x.ts" };

test("a module's exports make a migration", () => {
  const text =
    '/** create table */\nexport const steps = [\n  step("create table t (a int)", "drop table t"),\n];\n';
  const steps = [step("create table t (a int)", "drop table t")];
  assert.deepEqual(
    moduleMigration({ ...file, text }, { steps, depends: ["1-a", "1-a"], transactional: false }),
    {
      id: "2-x",
      number: 2n,
      file: "migrations/2-x.ts",
      form: "module",
      description: "create table",
      depends: ["1-a"],
      checksum: checksum(text),
      transactional: { migrate: false, rollback: false },
      steps: [
        {
          ...steps[0],
          place: {
            migrate: { file: "migrations/2-x.ts", line: 3, column: 9 },
            rollback: { file: "migrations/2-x.ts", line: 3, column: 35 },
          },
        },
      ],
    },
  );
});

test("depends and transactional may be left out, and a default export of CommonJS is looked into", () => {
  const text = "exports.steps = []";
  const migration = moduleMigration({ ...file, text }, { default: { steps: [] } });
  assert.deepEqual(migration.depends, []);
  assert.deepEqual(migration.transactional, { migrate: true, rollback: true });
});

test("an empty file does nothing", () => {
  for (const text of ["", "  \n", "// only a comment\n", "/* a */ export {};"]) {
    assert.deepEqual(moduleMigration({ ...file, text }, {}).steps, []);
  }
});

test("SQL that stands in the file twice, or not as it is, has no place", () => {
  const text = 'step("select 1"); step("select 1"); step(`select ${1 + 1}`)';
  const migration = moduleMigration({ ...file, text }, { steps: [step("select 1"), step("select 2")] });
  assert.deepEqual(
    migration.steps.map((one) => one.place),
    [
      { migrate: undefined, rollback: undefined },
      { migrate: undefined, rollback: undefined },
    ],
  );
});

for (const [what, namespace, message] of [
  [
    "depends is a string",
    { steps: [], depends: "abc" },
    'It exports depends = "abc"; depends is an array: ["abc"].',
  ],
  [
    "depends holds a number",
    { steps: [], depends: [1] },
    'Its depends[0] is 1, and depends is an array of ids, such as ["1602721237-add-pg-extensions"].',
  ],
  [
    "depends is a number",
    { steps: [], depends: 1 },
    'It exports depends = 1, which is an array of ids, such as ["1602721237-add-pg-extensions"].',
  ],
  [
    "transactional is a string",
    { steps: [], transactional: "no" },
    'It exports transactional = "no", which is true or false.',
  ],
  [
    "steps is misspelt",
    { stpes: [] },
    'It exports "stpes", which Rider does not know. Did you mean "steps"?',
  ],
  [
    "depends is spelt as in Python",
    { steps: [], __depends__: [] },
    'It exports "__depends__", which Rider does not know. Did you mean "depends"?',
  ],
  [
    "steps is missing",
    { other: 1 },
    "It exports no steps. Write `export const steps = [step(…)];`, or leave the file empty for a migration that does nothing.",
  ],
  [
    "steps is one step",
    { steps: step("a") },
    "It exports steps = an object, which is an array. Write `export const steps = [step(…)];`.",
  ],
  [
    "a step is bare text",
    { steps: ["select 1"] },
    'steps[0] is "select 1", and a step is made by step(…). Wrap it: step("select 1").',
  ],
  [
    "a step is missing between two commas",
    { steps: Object.assign([step("a")], { 2: step("b") }) },
    "steps[1] is undefined, and a step is made by step(…).",
  ],
  [
    "a step is a promise",
    { steps: [Promise.resolve()] },
    'steps[0] has undefined as migrate, which is SQL text or a function. A step that does nothing is step("").',
  ],
] as const) {
  test(`refused where ${what}`, () => {
    assert.throws(
      () => moduleMigration({ ...file, text: "export const x = 1" }, namespace),
      (error) => error instanceof UnreadableError && error.reason === message,
    );
  });
}

const sql = { name: name("2-x.sql"), file: "m/2-x.sql" };

test("SQL files make a migration of one step, each direction with its own transaction rule", () => {
  const text = "-- text\n-- depends: 1-a\n-- transactional: false\nselect 1";
  const migration = sqlMigration({
    ...sql,
    text,
    rollback: { file: "m/2-x.rollback.sql", text: "select 2" },
  });
  assert.deepEqual(migration, {
    id: "2-x",
    number: 2n,
    file: "m/2-x.sql",
    form: "sql",
    description: "text",
    depends: ["1-a"],
    checksum: checksum(text, "select 2"),
    transactional: { migrate: false, rollback: true },
    steps: [
      {
        migrate: text,
        rollback: "select 2",
        place: {
          migrate: { file: "m/2-x.sql", line: 1, column: 1 },
          rollback: { file: "m/2-x.rollback.sql", line: 1, column: 1 },
        },
      },
    ],
  });
  assert.equal(sqlMigration({ ...sql, text }).steps[0]?.rollback, undefined);
});

test("a dependency that only the rollback file names is refused", () => {
  assert.throws(
    () =>
      sqlMigration({ ...sql, text: "", rollback: { file: "m/2-x.rollback.sql", text: "-- depends: 1-a" } }),
    {
      message:
        'The rollback file says "-- depends: 1-a", and 2-x.sql does not. Dependencies belong in 2-x.sql; undoing follows them backwards. (RIDER)',
    },
  );
});
