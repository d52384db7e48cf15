import assert from "node:assert/strict";
import { test } from "node:test";
import { planRedo, planRollback } from "../../../src/rider/plan/plan.ts";
import { entry, history, migration, planned, problems, row, shape, sql, steps } from "./support.ts";

const pg = { dialect: "postgresql" } as const;
const mysql = { dialect: "mysql" } as const;
const all = [migration("1-a"), migration("2-b", ["1-a"]), migration("3-c"), migration("4-d", ["2-b"])];
const done = history(["1-a", "2-b", "3-c", "4-d"]);

test("from an index on, newest first", () => {
  const plan = planned(planRollback(all, done, { ...pg, index: 2 }));
  assert.deepEqual(shape(plan), [["run", "-4-d", "-3-c"]]);
  assert.deepEqual(sql(plan), ['drop table "4-d"', 'drop table "3-c"']);
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, index: "0" }))), [
    ["run", "-4-d", "-3-c", "-2-b", "-1-a"],
  ]);
});

test("an id serves where an index is expected, and an index where an id is", () => {
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, index: "3-c" }))), [
    ["run", "-4-d", "-3-c"],
  ]);
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, to: "2" }))), [["run", "-4-d"]]);
});

test("--to undoes what comes after, and that one stays", () => {
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, to: "2-b" }))), [["run", "-4-d", "-3-c"]]);
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, to: "4-d" }))), []);
});

test("--last goes by the time of applying, and by the order in one run", () => {
  assert.deepEqual(shape(planned(planRollback(all, done, { ...pg, last: 2 }))), [["run", "-4-d", "-3-c"]]);
  const late = history([row("1-a", 1), row("3-c", 5), row("2-b", 2)]);
  assert.deepEqual(shape(planned(planRollback(all, late, { ...pg, last: "1" }))), [["run", "-3-c"]]);
  const merged = history([row("1-a", 1), row("2-b", 9), row("3-c", 5)]);
  assert.deepEqual(shape(planned(planRollback(all, merged, { ...pg, last: 1 }))), [["run", "-2-b"]]);
});

test("what depends is undone too, and before, whatever was asked for", () => {
  const merged = history([row("1-a", 1), row("2-b", 9), row("3-c", 5), row("4-d", 3)]);
  assert.deepEqual(shape(planned(planRollback(all, merged, { ...pg, last: 1 }))), [["run", "-4-d", "-2-b"]]);
  // 1-a is younger by number, and depends on 9-z.
  const crossed = [migration("1-a", ["9-z"]), migration("9-z")];
  assert.deepEqual(shape(planned(planRollback(crossed, history(["1-a", "9-z"]), { ...pg, index: "9-z" }))), [
    ["run", "-1-a", "-9-z"],
  ]);
});

test("only what is applied is undone", () => {
  assert.deepEqual(shape(planned(planRollback(all, history(["1-a", "2-b"]), { ...pg, index: 1 }))), [
    ["run", "-2-b"],
  ]);
  assert.deepEqual(shape(planned(planRollback(all, history([]), { ...pg, all: true }))), []);
});

test("a step's rollbacks run in reverse, and steps without one are passed over", () => {
  const one = migration(
    "1-a",
    [],
    steps(
      { migrate: "a", rollback: "undo a; undo a2" },
      { migrate: "b" },
      { migrate: "c", rollback: () => {} },
      { migrate: "d", rollback: "undo d" },
    ),
  );
  assert.deepEqual(sql(planned(planRollback([one], history(["1-a"]), { ...pg, all: true }))), [
    "undo d",
    "function",
    "undo a",
    "undo a2",
  ]);
});

test("one without any rollback is refused, all of them at once, unless forced", () => {
  const bare = [
    migration("1-a", [], steps({ migrate: "a" })),
    migration("2-b", [], steps({ migrate: () => {} })),
  ];
  assert.deepEqual(problems(planRollback(bare, history(["1-a", "2-b"]), { ...pg, all: true })), [
    { kind: "no-rollback", id: "2-b", file: "migrations/2-b.sql" },
    { kind: "no-rollback", id: "1-a", file: "migrations/1-a.sql" },
  ]);
  assert.deepEqual(
    shape(planned(planRollback(bare, history(["1-a", "2-b"]), { ...pg, all: true, force: true }))),
    [["run", "-2-b record", "-1-a record"]],
  );
});

test("an empty one can always be undone, and so can one whose rollback is empty on purpose", () => {
  const empty = [
    migration("1-a", [], steps()),
    migration("2-b", [], steps({ migrate: "" }, { migrate: "-- nothing" })),
    migration("3-c", [], steps({ migrate: "c", rollback: "" })),
  ];
  const plan = planned(planRollback(empty, history(["1-a", "2-b", "3-c"]), { ...pg, all: true }));
  assert.deepEqual(shape(plan), [["run", "-3-c", "-2-b", "-1-a"]]);
  assert.deepEqual(sql(plan), []);
});

test("force changes nothing for what can be undone", () => {
  assert.deepEqual(sql(planned(planRollback(all, done, { ...pg, last: 1, force: true }))), [
    'drop table "4-d"',
  ]);
});

test("one whose file is gone is refused, unless forced; what depended on it goes first", () => {
  const gone = history(["1-a", row("2-b", 0, { depends: ["1-a"] })]);
  assert.deepEqual(problems(planRollback([migration("1-a")], gone, { ...pg, index: "1-a" })), [
    { kind: "rollback-file-missing", id: "2-b" },
  ]);
  assert.deepEqual(
    shape(planned(planRollback([migration("1-a")], gone, { ...pg, index: "1-a", force: true }))),
    [["run", "-2-b record", "-1-a"]],
  );
});

test("what a lost file is recorded to depend on can't make a cycle with what files say now", () => {
  const gone = history([row("1-a"), row("2-b", 0, { depends: ["1-a"] })]);
  assert.deepEqual(shape(planned(planRollback([migration("1-a", ["2-b"])], gone, { ...pg, index: "1-a" }))), [
    ["run", "-1-a"],
  ]);
});

for (const [target, problem] of [
  [{}, { given: "", reason: "none" }],
  [
    { index: 1, last: 2 },
    { given: "index 1, last 2", reason: "several" },
  ],
  [{ index: 4 }, { given: "4", reason: "no-such-index" }],
  [{ index: -1 }, { given: "-1", reason: "no-such-index" }],
  [{ index: "x" }, { given: "x", reason: "no-such-id" }],
  [{ last: 0 }, { given: "0", reason: "not-a-count" }],
  [{ last: "two" }, { given: "two", reason: "not-a-count" }],
  [{ last: "" }, { given: "", reason: "not-a-count" }],
] as const) {
  test(`the target ${JSON.stringify(target)} is refused`, () => {
    const [found] = problems(planRollback(all, done, { ...pg, ...target }));
    assert.ok(found?.kind === "unknown-target");
    assert.deepEqual({ given: found.given, reason: found.reason }, problem);
    assert.equal(found.count, 4);
  });
}

test("--to one that is not applied is refused", () => {
  const [found] = problems(planRollback(all, history(["1-a"]), { ...pg, to: "2-b" }));
  assert.ok(found?.kind === "unknown-target" && found.reason === "not-applied");
});

test("nothing is rolled back while another is half-applied", () => {
  const journal = [entry("4-d", [0, 0], "create table x (a int)")];
  assert.deepEqual(
    problems(planRollback(all, history(["1-a", "2-b", "3-c"], journal), { ...mysql, last: 1 })),
    [
      {
        kind: "half-applied",
        id: "4-d",
        file: "migrations/4-d.sql",
        direction: "migrate",
        done: 1,
        of: undefined,
      },
    ],
  );
});

test("a half undone one is gone on with, whatever the target", () => {
  const journal = [entry("4-d", [0, 0], 'drop table "4-d"', { direction: "rollback", state: "intended" })];
  const plan = planned(
    planRollback(all, history(["1-a", "2-b", "3-c", "4-d"], journal), { ...mysql, to: "4-d" }),
  );
  assert.deepEqual(shape(plan), [["none", "-4-d"]]);
  assert.deepEqual(plan.units[0]?.migrations[0]?.resume, { done: 0, of: 1, uncertain: true, changed: false });
});

test("redo undoes the last one with what depends on it, and applies the same again in one transaction", () => {
  const merged = history([row("1-a", 1), row("2-b", 9), row("3-c", 5), row("4-d", 3)]);
  assert.deepEqual(shape(planned(planRedo(all, merged, pg))), [["run", "-4-d", "-2-b", "+2-b", "+4-d"]]);
});

test("the edits of what is undone are no warning, others are", () => {
  const edited = history([row("1-a", 0, { checksum: "x" }), row("4-d", 9, { checksum: "x" })]);
  const plan = planned(planRedo(all, edited, pg));
  assert.deepEqual(plan.warnings, [{ kind: "edited", id: "1-a", file: "migrations/1-a.sql" }]);
});
