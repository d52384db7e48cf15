import assert from "node:assert/strict";
import { test } from "node:test";
import type { Target } from "../../bench/harness/part.ts";
import type { CaseResult } from "../../bench/harness/results.ts";
import { close, concerns, measuredAgain } from "../../bench/harness/targets.ts";

const FASTER: Target = {
  ...{ case: "one", width: 10, metric: "perSecond", ours: "ours", than: ["a", "b"], atLeast: 2 },
};
const LINEAR: Target = {
  ...{ case: "one", width: 100, metric: "perSecond", ours: "ours", thanOwnWidth: 10, atMost: 1 },
};

/** A case in which everybody has reached these medians. */
function result(medians: Readonly<Record<string, number>>): CaseResult {
  return {
    ...{ name: "one", title: "One", widths: [10, 100], unit: "callers", rounds: 3 },
    metrics: [{ name: "perSecond", title: "a second", better: "more" }],
    reached: Object.entries(medians).map(([who, median]) => {
      const [contestant = "", width = "10"] = who.split("@");
      return {
        contestant,
        width: Number(width),
        figures: { perSecond: { median, least: median, most: median } },
      };
    }),
  };
}

test("a target is close from either side, and by what it is held against, not by whether it is met", () => {
  const of = (ours: number) => close([FASTER], result({ ours, a: 50, b: 100 }));
  assert.deepEqual(of(151), [FASTER]);
  assert.deepEqual(of(249), [FASTER]);
  assert.deepEqual(of(149), []);
  assert.deepEqual(of(251), []);
});

test("a target of another case, or of somebody who was not measured, is not close", () => {
  assert.deepEqual(close([{ ...FASTER, case: "other" }], result({ ours: 200, a: 50, b: 100 })), []);
  assert.deepEqual(close([FASTER], result({ a: 50, b: 100 })), []);
  assert.deepEqual(close([FASTER], result({ ours: 200 })), []);
});

test("a target concerns those it divides, at the widths that it is about", () => {
  for (const who of ["ours", "a", "b"]) assert.ok(concerns(FASTER, who, 10));
  assert.ok(!concerns(FASTER, "ours", 100));
  assert.ok(!concerns(FASTER, "c", 10));
  assert.ok(concerns(LINEAR, "ours", 100));
  assert.ok(concerns(LINEAR, "ours", 10));
  assert.ok(!concerns(LINEAR, "a", 10));
});

test("whoever a target sets beside others is measured again with them where one is close, and nobody elsewhere", () => {
  const far: Target = { ...FASTER, than: ["c"] };
  const other: Target = { ...FASTER, case: "other", than: ["d"] };
  const medians = { ours: 200, a: 50, b: 100, c: 1, d: 1, "ours@100": 900, "a@100": 1 };
  const again = measuredAgain([FASTER, far, other], result(medians));
  for (const who of ["ours", "a", "b", "c"]) assert.ok(again(who, 10), who);
  assert.ok(!again("d", 10));
  assert.ok(!again("ours", 100));
  assert.ok(!measuredAgain([far], result(medians))("ours", 10));
});

test("a target that is close and divides by its own figure at another width has both measured again", () => {
  const again = measuredAgain([LINEAR], result({ ours: 100, "ours@100": 110, a: 100 }));
  assert.ok(again("ours", 10));
  assert.ok(again("ours", 100));
  assert.ok(!again("a", 10));
});
