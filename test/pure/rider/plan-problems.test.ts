import assert from "node:assert/strict";
import { test } from "node:test";
import { ApocryphanError } from "../../../src/base/error.ts";
import {
  DependencyError,
  DriftError,
  MigrateError,
  RiderError,
  RollbackError,
} from "../../../src/rider/model/errors.ts";
import type { Problem } from "../../../src/rider/model/problem.ts";
import { failureError } from "../../../src/rider/plan/failure.ts";
import { isUsage, sentence, toError } from "../../../src/rider/plan/problems.ts";

const target = { kind: "unknown-target", count: 3 } as const;
const at = { id: "2-b", file: "m/2-b.sql", direction: "migrate", step: 0, statement: 1 } as const;

const words: readonly (readonly [Problem, string])[] = [
  [
    { kind: "unreadable", file: "m/1-a.ts", reason: "It exports no steps." },
    "The migration m/1-a.ts can't be read. It exports no steps.",
  ],
  [
    { kind: "duplicate-id", id: "1-a", files: ["m/1-a.sql", "m/1-a.ts"] },
    "The id 1-a belongs to 2 files: m/1-a.sql and m/1-a.ts. An id is a file's name without its ending, and may be there once; rename or remove the others.",
  ],
  [
    { kind: "alike-ids", ids: ["1-A", "1-a"], files: ["m/1-A.ts", "m/1-a.ts"] },
    "The ids 1-A and 1-a (in m/1-A.ts and m/1-a.ts) are the same key to MySQL, which does not tell upper from lower case or letters from their accents. Rename one.",
  ],
  [
    { kind: "orphan-rollback", id: "1-ad", file: "1-ad.rollback.sql", near: "1-add" },
    "1-ad.rollback.sql undoes a migration that is not there: 1-ad.sql. There is 1-add.sql; name both alike.",
  ],
  [
    { kind: "orphan-rollback", id: "1-a", file: "1-a.rollback.sql" },
    "1-a.rollback.sql undoes a migration that is not there: 1-a.sql. Restore it, or remove the rollback file.",
  ],
  [
    { kind: "missing-dependency", id: "2-b", file: "m/2-b.ts", depends: "1-x", near: "1-y" },
    "The migration m/2-b.ts depends on 1-x, which does not exist. Did you mean 1-y?",
  ],
  [
    { kind: "missing-dependency", id: "2-b", file: "m/2-b.ts", depends: "1-x" },
    "The migration m/2-b.ts depends on 1-x, which does not exist. Add the missing file, or correct the dependency.",
  ],
  [
    { kind: "cycle", ids: ["1-a", "2-b"], files: ["m/1-a.ts", undefined] },
    "The migrations depend on each other in a circle, so none of them can be first: 1-a → 2-b → 1-a (each depends on the next; in m/1-a.ts and 2-b (its file is gone)). Remove one of these dependencies.",
  ],
  [
    { kind: "cycle", ids: ["1-a"], files: ["m/1-a.ts"] },
    "The migration m/1-a.ts depends on itself. Remove 1-a from its depends.",
  ],
  [
    { ...target, given: "1-x", reason: "no-such-id", near: "1-a" },
    'There is no migration "1-x". Did you mean 1-a?',
  ],
  [
    { ...target, given: "1-x", reason: "no-such-id" },
    'There is no migration "1-x". `rider migrations` lists them.',
  ],
  [
    { ...target, given: "9", reason: "no-such-index" },
    "There is no migration with the index 9: indexes go from 0 to 2, as `rider migrations` shows them.",
  ],
  [
    { ...target, given: "9", reason: "no-such-index", count: 0 },
    "There is no migration with the index 9: there are no migrations.",
  ],
  [
    { ...target, given: "two", reason: "not-a-count" },
    '"two" is no number of migrations. Give a whole number from 1 on.',
  ],
  [
    { ...target, given: "1-a", reason: "not-applied" },
    "The migration 1-a is not applied. `rider migrations` shows which are.",
  ],
  [
    { ...target, given: "", reason: "none" },
    "Nothing says which migrations are meant. Give an index, an id, a number of the last ones, or all.",
  ],
  [
    { ...target, given: "index 1, all", reason: "several" },
    "The migrations meant are named in several ways at once (index 1, all). Keep one of them.",
  ],
  [
    { kind: "no-rollback", id: "1-a", file: "m/1-a.ts" },
    "The migration 1-a can't be rolled back: none of its steps in m/1-a.ts has a rollback. Write one (an empty one where there is nothing to undo), or use --force to undo its record alone.",
  ],
  [
    { kind: "rollback-file-missing", id: "1-a" },
    "The migration 1-a is applied and its file is gone, so what would undo it is not known. Restore the file, or use --force to undo its record alone.",
  ],
  [
    { kind: "half-applied", id: "1-a", file: "m/1-a.ts", direction: "migrate", done: 1, of: undefined },
    'The migration 1-a is half-applied: 1 statement is done and recorded. Finish it with `rider migrate`; or, having put the database right by hand, record it with `rider mark "1-a"` or forget it with `rider unmark "1-a"`.',
  ],
  [
    { ...at, kind: "finished-changed", now: "select 2" },
    'The migration 2-b is half-applied, and a statement of it that is done was changed: statement 2 of step 1 in m/2-b.sql was finished in an earlier run, and in its place stands `select 2` now. Put back what was there (what is not done yet may be changed), or put the database right by hand and use `rider mark "2-b"` or `rider unmark "2-b"`.',
  ],
  [
    {
      ...at,
      kind: "statement-refused",
      sql: "commit",
      place: { file: "m/2-b.sql", line: 3, column: 1 },
      why: "transaction-control",
      advice: "Leave it out.",
    },
    "Statement 2 of step 1 in m/2-b.sql (line 3, column 1) can't be run: `commit`. It begins or ends a transaction. Leave it out.",
  ],
  [
    { kind: "edited", id: "1-a", file: "m/1-a.ts" },
    'The migration 1-a was applied and its file m/1-a.ts was edited since; what was applied is not what stands there now. Undo the edit and write a new migration, or accept it with `rider mark "1-a"`.',
  ],
  [
    { kind: "missing", id: "1-a" },
    'The migration 1-a is applied and its file is gone. Restore the file, or forget it with `rider unmark "1-a"`.',
  ],
];

for (const [problem, text] of words) {
  test(`in words: ${problem.kind}${"reason" in problem ? `, ${problem.reason}` : ""}${"near" in problem ? ", with a guess" : ""}`, () => {
    assert.equal(sentence(problem), text);
  });
}

test("each kind of problem has its class, and only a wrong target is wrong usage", () => {
  for (const [problem] of words) {
    const error = toError([problem]);
    const wanted = {
      "duplicate-id": DependencyError,
      "alike-ids": DependencyError,
      "missing-dependency": DependencyError,
      cycle: DependencyError,
      "finished-changed": DriftError,
      "no-rollback": RollbackError,
      "rollback-file-missing": RollbackError,
    };
    const kind = problem.kind as keyof typeof wanted;
    assert.equal(error.constructor, wanted[kind] ?? RiderError, problem.kind);
    assert.ok(error instanceof RiderError && error instanceof ApocryphanError);
    assert.equal(isUsage(problem), problem.kind === "unknown-target");
  }
});

test("all problems are in one error: the first ten in words, all as data", () => {
  const many = Array.from(
    { length: 12 },
    (_, i): Problem => ({ kind: "no-rollback", id: `${i}-a`, file: "f" }),
  );
  const error = toError(many);
  assert.equal(error.code, "ROLLBACK_FAILED");
  assert.equal(error.problems.length, 12);
  assert.match(
    error.message,
    /The migration 9-a can't.*\nAnd 2 more\. Nothing was run\. \(ROLLBACK_FAILED\)$/s,
  );
  assert.doesNotMatch(error.message, /The migration 10-a/);
});

const failed = {
  migration: "2-b",
  file: "m/2-b.sql",
  direction: "migrate",
  step: 0,
  statement: 2,
  place: { file: "m/2-b.sql", line: 7, column: 3 },
  sql: "create   table t (\n a int)",
} as const;
const begin =
  "The migration 2-b could not be applied: statement 3 of step 1 in m/2-b.sql (line 7, column 3) failed (`create table t ( a int)`). Relation t exists.";

for (const [name, state, end] of [
  [
    "all undone",
    { kind: "unchanged" },
    "The transaction was rolled back and the database is as it was before this run. Mend the migration and run `rider migrate` again.",
  ],
  [
    "this one undone",
    { kind: "migration-undone", finished: ["1-a"] },
    "Its transaction was rolled back; finished before it in this run and kept: 1-a. Mend the migration and run `rider migrate` again.",
  ],
  [
    "half",
    { kind: "half", done: 2, of: 5, finished: [] },
    "It stands outside a transaction, so 2 of its 5 statements are done and stay, and the rest is not done; nothing else was changed by this run. This is recorded: mend the statement (not those before it) and run `rider migrate` again, which goes on from there.",
  ],
  [
    "unknown",
    { kind: "unknown", finished: ["1", "2", "3", "4", "5", "6"] },
    "The connection was lost before the answer came, so it is not known here whether that statement took effect; finished before it in this run and kept: 6 migrations. Run `rider migrate` again, which finds out and goes on from there.",
  ],
] as const) {
  test(`a failure says where, why, what state the database is in and what to do: ${name}`, () => {
    const cause = new Error("x");
    const error = failureError({ at: failed, state, reason: "Relation t exists", cause });
    assert.ok(error instanceof MigrateError);
    assert.equal(error.message, `${begin} ${end} (MIGRATE_FAILED)`);
    assert.equal(error.cause, cause);
    assert.deepEqual([error.at, error.state], [failed, state]);
  });
}

test("a failure of a function's rollback names the step, and a hint stands before the state", () => {
  const error = failureError({
    at: { migration: "2-b", file: "m/2-b.ts", direction: "rollback", step: 1 },
    state: { kind: "unchanged" },
    reason: "Boom!",
    hint: "It may be the moon.",
  });
  assert.ok(error instanceof RollbackError);
  assert.equal(
    error.message,
    "The migration 2-b could not be rolled back: step 2 in m/2-b.ts failed. Boom! It may be the moon. The transaction was rolled back and the database is as it was before this run. Mend the migration and run `rider rollback` again. (ROLLBACK_FAILED)",
  );
  assert.equal("cause" in error, false);
});
