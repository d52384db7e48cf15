import assert from "node:assert/strict";
import { test } from "node:test";
import { planMark, planUnmark } from "../../../src/rider/plan/mark.ts";
import { sources } from "../../../src/rider/plan/sources.ts";
import { check, type StatusRow, status } from "../../../src/rider/plan/status.ts";
import { entry, history, migration, problems, row } from "./support.ts";

const all = [migration("1-a"), migration("2-b", ["1-a"]), migration("3-c"), migration("4-d")];
const past = history(
  [row("1-a", 1), row("3-c", 2, { checksum: "other" }), row("2-gone", 3)],
  [entry("4-d", [0, 0], "x")],
);

function rows(found: ReturnType<typeof status>): StatusRow[] {
  if (Array.isArray(found)) assert.fail(JSON.stringify(found));
  return found.rows;
}

test("each migration's state, and an index for those that have a file", () => {
  assert.deepEqual(
    rows(status(all, past)).map(({ index, id, state, appliedAt }) => [
      index,
      id,
      state,
      appliedAt?.getUTCMinutes() ?? null,
    ]),
    [
      [0, "1-a", "applied", 1],
      [1, "2-b", "pending", null],
      [null, "2-gone", "missing", 3],
      [2, "3-c", "edited", 2],
      [3, "4-d", "half-applied", null],
    ],
  );
});

test("a row that is still recorded while it is being undone", () => {
  const half = history(["1-a"], [entry("1-a", [0, 0], "x", { direction: "rollback" })]);
  assert.equal(rows(status([migration("1-a")], half))[0]?.state, "half-undone");
});

test("check names what is pending, edited, missing and half done", () => {
  assert.deepEqual(check(rows(status(all, past))), {
    pending: ["2-b", "4-d"],
    edited: ["3-c"],
    missing: ["2-gone"],
    half: ["4-d"],
    ok: false,
  });
  assert.equal(check(rows(status(all, history(["1-a", "2-b", "3-c", "4-d"])))).ok, true);
  assert.equal(check([]).ok, true);
});

test("a graph without an order has no status", () => {
  assert.equal(problems(status([migration("1-a", ["1-a"])], history([])))[0]?.kind, "cycle");
});

function marks(result: ReturnType<typeof planMark>): string[] {
  if (Array.isArray(result)) assert.fail(JSON.stringify(result));
  return result.marks.map(({ outline, what }) => `${what} ${outline.id}`);
}

test("mark records one, all up to one, or all, in their order", () => {
  assert.deepEqual(marks(planMark(all, history([]), { id: "2-b" })), ["record 2-b"]);
  assert.deepEqual(marks(planMark(all, history([]), { id: 1 })), ["record 2-b"]);
  assert.deepEqual(marks(planMark(all, history(["1-a"]), { to: "3-c" })), ["record 2-b", "record 3-c"]);
  assert.deepEqual(marks(planMark(all, history([]), { all: true })), [
    "record 1-a",
    "record 2-b",
    "record 3-c",
    "record 4-d",
  ]);
});

test("mark accepts an edit, and gives a row without a checksum one only when it is named", () => {
  const rowed = history([row("1-a", 0, { checksum: "other" }), row("2-b", 0, { checksum: null }), "3-c"]);
  assert.deepEqual(marks(planMark(all, rowed, { all: true })), ["accept 1-a", "record 4-d"]);
  assert.deepEqual(marks(planMark(all, rowed, { id: "2-b" })), ["accept 2-b"]);
  assert.deepEqual(marks(planMark(all, rowed, { id: "3-c" })), []);
});

test("mark needs one target that exists", () => {
  for (const [target, reason] of [
    [{}, "none"],
    [{ id: "1-a", all: true }, "several"],
    [{ id: "1-x" }, "no-such-id"],
  ] as const) {
    const [problem] = problems(planMark(all, history([]), target));
    assert.ok(problem?.kind === "unknown-target");
    assert.equal(problem.reason, reason);
  }
});

test("unmark takes what is applied, half-applied, or has lost its file, and nothing else", () => {
  assert.deepEqual(planUnmark(all, past, "1-a"), { id: "1-a" });
  assert.deepEqual(planUnmark(all, past, "2-gone"), { id: "2-gone" });
  assert.deepEqual(planUnmark(all, past, "4-d"), { id: "4-d" });
  const [problem] = problems(planUnmark(all, past, "2-b"));
  assert.ok(problem?.kind === "unknown-target" && problem.reason === "not-applied");
});

test("a folder's names make migrations; what is none is passed over", () => {
  const found = sources(["1-a.sql", "1-a.rollback.sql", "2-b.ts", "2-b.ts.bak", "README.md", "2-b.d.ts"]);
  assert.deepEqual(
    found.sources.map(({ file, rollback }) => [file, rollback]),
    [
      ["1-a.sql", "1-a.rollback.sql"],
      ["2-b.ts", undefined],
    ],
  );
  assert.deepEqual(found.problems, []);
});

test("a rollback file without its migration is a problem", () => {
  assert.deepEqual(sources(["1-add.sql", "1-ad.rollback.sql", "2-b.ts", "2-b.rollback.sql"]).problems, [
    { kind: "orphan-rollback", id: "1-ad", file: "1-ad.rollback.sql", near: "1-add" },
    { kind: "orphan-rollback", id: "2-b", file: "2-b.rollback.sql", near: undefined },
  ]);
});
