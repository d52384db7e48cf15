import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseMigrate, idsOf } from "../../../src/rider/plan/choose.ts";
import { planMigrate } from "../../../src/rider/plan/plan.ts";
import { entry, history, migration, planned, problems, row, shape, sql, steps } from "./support.ts";

const pg = { dialect: "postgresql" } as const;
const mysql = { dialect: "mysql" } as const;
const abc = [migration("1-a"), migration("2-b", ["1-a"]), migration("3-c")];

test("everything pending runs in one transaction, dependencies first", () => {
  const plan = planned(planMigrate([...abc].reverse(), history([]), pg));
  assert.deepEqual(shape(plan), [["run", "+1-a", "+2-b", "+3-c"]]);
  assert.deepEqual(sql(plan), [
    'create table "1-a" (a int)',
    'create table "2-b" (a int)',
    'create table "3-c" (a int)',
  ]);
});

test("what was merged late is not skipped", () => {
  assert.deepEqual(shape(planned(planMigrate(abc, history(["1-a", "3-c"]), pg))), [["run", "+2-b"]]);
});

test("nothing to do is a plan without units", () => {
  assert.deepEqual(shape(planned(planMigrate(abc, history(["1-a", "2-b", "3-c"]), pg))), []);
});

test("each migration may have a transaction of its own", () => {
  assert.deepEqual(shape(planned(planMigrate(abc, history([]), { ...pg, transaction: "migration" }))), [
    ["migration", "+1-a"],
    ["migration", "+2-b"],
    ["migration", "+3-c"],
  ]);
});

test("one without a transaction stands alone, and parts the run", () => {
  const alone = migration("2-b", [], { transactional: { migrate: false, rollback: true } });
  assert.deepEqual(
    shape(planned(planMigrate([migration("1-a"), alone, migration("3-c")], history([]), pg))),
    [
      ["run", "+1-a"],
      ["none", "+2-b"],
      ["run", "+3-c"],
    ],
  );
});

test("on MySQL none has a transaction", () => {
  assert.deepEqual(
    planned(planMigrate(abc, history([]), mysql)).units.map((unit) => unit.boundary),
    ["none", "none", "none"],
  );
});

test("--to takes an id or an index, and what is pending before it", () => {
  for (const to of ["2-b", 1, "1"]) {
    assert.deepEqual(shape(planned(planMigrate(abc, history([]), { ...pg, to }))), [["run", "+1-a", "+2-b"]]);
  }
  assert.deepEqual(problems(planMigrate(abc, history([]), { ...pg, to: "2-x" })), [
    { kind: "unknown-target", given: "2-x", reason: "no-such-id", count: 3, near: "2-b" },
  ]);
  assert.deepEqual(problems(planMigrate(abc, history([]), { ...pg, to: 3 })), [
    { kind: "unknown-target", given: "3", reason: "no-such-index", count: 3, near: "3-c" },
  ]);
});

test("a step's statements are split, empty ones left out, functions kept", () => {
  const run = (): void => {};
  const one = migration(
    "1-a",
    [],
    steps({ migrate: "select 1; select 2;" }, { migrate: "" }, { migrate: run, ignoreErrors: "all" }),
  );
  const [unit] = planned(planMigrate([one], history([]), pg)).units;
  assert.deepEqual(
    unit?.migrations[0]?.steps.map(({ index, ignoreErrors, work }) => [index, ignoreErrors, work.kind]),
    [
      [0, false, "sql"],
      [2, true, "function"],
    ],
  );
});

test("edited and missing files are warnings, and the run goes on", () => {
  const plan = planned(planMigrate(abc, history([row("1-a", 0, { checksum: "other" }), "0-gone"]), pg));
  assert.deepEqual(plan.warnings, [
    { kind: "missing", id: "0-gone" },
    { kind: "edited", id: "1-a", file: "migrations/1-a.sql" },
  ]);
  assert.deepEqual(shape(plan), [["run", "+2-b", "+3-c"]]);
});

test("a row of the Python Rider's, without a checksum, counts as the same and is not held to be edited", () => {
  const plan = planned(planMigrate(abc, history([row("1-a", 0, { checksum: null })]), pg));
  assert.deepEqual(plan.warnings, []);
  assert.deepEqual(shape(plan), [["run", "+2-b", "+3-c"]]);
});

test("a dependency that is applied and whose file is gone is met", () => {
  const plan = planned(planMigrate([migration("2-b", ["1-a"])], history(["1-a"]), pg));
  assert.deepEqual(shape(plan), [["run", "+2-b"]]);
});

test("a statement that ends the transaction is refused, with its place", () => {
  const place = { file: "migrations/1-a.sql", line: 1, column: 1 };
  const one = migration("1-a", [], steps({ migrate: "select 1;\n  commit;", place: { migrate: place } }));
  for (const options of [pg, mysql, { dialect: "sqlite" } as const]) {
    const [problem] = problems(planMigrate([one], history([]), options));
    assert.ok(problem?.kind === "statement-refused");
    assert.deepEqual(
      [problem.why, problem.step, problem.statement, problem.sql, problem.place],
      ["transaction-control", 0, 1, "commit", { file: "migrations/1-a.sql", line: 2, column: 3 }],
    );
  }
});

test("what can't run in a transaction is refused there, and taken outside", () => {
  const index = steps({ migrate: "create index concurrently i on t (a)" });
  const [problem] = problems(planMigrate([migration("1-a", [], index)], history([]), pg));
  assert.ok(problem?.kind === "statement-refused" && problem.why === "outside-transaction");
  const alone = { ...index, transactional: { migrate: false, rollback: true } };
  assert.deepEqual(shape(planned(planMigrate([migration("1-a", [], alone)], history([]), pg))), [
    ["none", "+1-a"],
  ]);
});

test("SQL that can't be split is a problem of its file, not of a chosen other", () => {
  const place = { file: "migrations/1-a.sql", line: 4, column: 7 };
  const broken = migration("1-a", [], steps({ migrate: "select 'a", place: { migrate: place } }));
  assert.deepEqual(problems(planMigrate([broken], history([]), pg)), [
    {
      kind: "unreadable",
      file: "migrations/1-a.sql",
      reason: "Here begins a quote (') that never ends. Close it. (line 4, column 14)",
    },
  ]);
  assert.deepEqual(shape(planned(planMigrate([broken], history(["1-a"]), pg))), []);
});

test("only what is chosen has to be read whole", () => {
  const { steps: _steps, transactional: _transactional, ...outline } = migration("1-a");
  const choice = chooseMigrate([outline, migration("2-b", ["1-a"])], history(["1-a"]), pg);
  assert.ok(!Array.isArray(choice));
  assert.deepEqual(idsOf(choice), ["2-b"]);
  assert.deepEqual(shape(planned(planMigrate([outline, migration("2-b", ["1-a"])], history(["1-a"]), pg))), [
    ["run", "+2-b"],
  ]);
  assert.throws(
    () => planMigrate([outline], history([]), pg),
    /bug: the migration 1-a was planned and not read/,
  );
});

const three = migration(
  "1-a",
  [],
  steps({ migrate: "create table a (a int); create table b (a int)" }, { migrate: "create table c (a int)" }),
);
const first = entry("1-a", [0, 0], "create table a (a int)");
const second = entry("1-a", [0, 1], "create table b (a int)");

test("a half-applied migration goes on with the right statement", () => {
  const plan = planned(planMigrate([three], history([], [first]), mysql));
  assert.deepEqual(plan.units[0]?.migrations[0]?.resume, {
    done: 1,
    of: 3,
    uncertain: false,
    changed: false,
  });
  const all = planned(planMigrate([three], history([], [second, first]), mysql));
  assert.equal(all.units[0]?.migrations[0]?.resume?.done, 2);
});

test("a statement that was begun is uncertain; ignored ones count as done", () => {
  const begun = entry("1-a", [0, 1], "create table b (a int)", { state: "intended" });
  const plan = planned(planMigrate([three], history([], [{ ...first, state: "ignored" }, begun]), mysql));
  assert.deepEqual(plan.units[0]?.migrations[0]?.resume, { done: 1, of: 3, uncertain: true, changed: false });
});

test("what is not finished may be changed, and it is said that it was", () => {
  const begun = entry("1-a", [0, 1], "create table bb (a int)", { state: "intended" });
  const plan = planned(planMigrate([three], history([], [first, begun]), mysql));
  assert.deepEqual(plan.units[0]?.migrations[0]?.resume, { done: 1, of: 3, uncertain: true, changed: true });
});

test("a finished statement that was changed, moved or removed stops the run", () => {
  for (const [journal, statement, now] of [
    [[entry("1-a", [0, 0], "create table x (a int)")], 0, "create table a (a int)"],
    [[first, entry("1-a", [0, 2], "create table x (a int)")], 2, undefined],
    [[second], 1, "create table b (a int)"],
  ] as const) {
    const [problem] = problems(planMigrate([three], history([], journal), mysql));
    assert.ok(problem?.kind === "finished-changed");
    assert.deepEqual([problem.step, problem.statement, problem.now], [0, statement, now]);
  }
});

test("a function that is done is not run again", () => {
  const one = migration("1-a", [], steps({ migrate: () => {} }, { migrate: "select 1" }));
  const plan = planned(planMigrate([one], history([], [entry("1-a", [0, 0], "")]), mysql));
  assert.deepEqual(plan.units[0]?.migrations[0]?.resume, {
    done: 1,
    of: 2,
    uncertain: false,
    changed: false,
  });
});

test("what was begun outside a transaction is finished there, though its file now says otherwise", () => {
  assert.deepEqual(shape(planned(planMigrate([three, migration("2-b")], history([], [first]), pg))), [
    ["none", "+1-a"],
    ["run", "+2-b"],
  ]);
});

test("a half undone migration is undone to its end, and then applied again from its beginning", () => {
  const back = entry("1-a", [0, 0], 'drop table "1-a"', { direction: "rollback" });
  const plan = planned(planMigrate([migration("1-a")], history(["1-a"], [back]), mysql));
  assert.deepEqual(shape(plan), [
    ["none", "-1-a"],
    ["none", "+1-a"],
  ]);
  assert.deepEqual(
    plan.units.map((unit) => unit.migrations[0]?.resume),
    [{ done: 1, of: 1, uncertain: false, changed: false }, undefined],
  );
});

test("an empty migration is planned, and does nothing", () => {
  const plan = planned(
    planMigrate([migration("1-a", [], steps({ migrate: "-- nothing\n" }))], history([]), pg),
  );
  assert.deepEqual(shape(plan), [["run", "+1-a"]]);
  assert.deepEqual(sql(plan), []);
});

test("10,000 migrations are planned in under a second", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => migration(`${i + 1}-m`, i === 0 ? [] : [`${i}-m`]));
  // The processor's time, which other programs on the machine do not change.
  const begun = process.cpuUsage();
  assert.equal(planned(planMigrate(many, history([]), pg)).units[0]?.migrations.length, 10_000);
  const { user, system } = process.cpuUsage(begun);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
});
