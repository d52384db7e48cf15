import assert from "node:assert/strict";
import { test } from "node:test";
import type { Target } from "../../bench/harness/part.ts";
import { type CaseResult, spread } from "../../bench/harness/results.ts";
import { median, percentile } from "../../bench/harness/statistics.ts";
import { judge } from "../../bench/harness/targets.ts";

test("the median is the middle one, or half way between the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
});

test("a percentile is a figure that so many do not exceed", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(Float64Array.of(7), 0.99), 7);
});

const reached = (contestant: string, width: number, ...values: number[]) => ({
  ...{ contestant, width },
  figures: { perSecond: spread(values) },
});

const kase: CaseResult = {
  ...{ name: "one", title: "One", unit: "callers", widths: [1, 10] },
  metrics: [{ name: "perSecond", title: "a second", better: "more" }],
  reached: [
    reached("ours", 1, 100),
    reached("ours", 10, 300, 500, 400),
    reached("a", 10, 100),
    reached("b", 10, 200),
  ],
};

const target = { case: "one", width: 10, metric: "perSecond", ours: "ours" };

function verdict(more: Partial<Target>) {
  const [judged] = judge([{ ...target, ...more }], [kase]);
  return { found: judged?.found, met: judged?.met };
}

test("a target divides our median by that of the best of the others", () => {
  assert.deepEqual(verdict({ than: ["a", "b"], atLeast: 2 }), { found: 2, met: true });
  assert.deepEqual(verdict({ than: ["a", "b"], atLeast: 2.1 }), { found: 2, met: false });
  assert.deepEqual(verdict({ than: ["a"], atMost: 3 }), { found: 4, met: false });
});

test("a target takes the figure itself, or divides by our own at another width", () => {
  assert.deepEqual(verdict({ atLeast: 400 }), { found: 400, met: true });
  assert.deepEqual(verdict({ thanOwnWidth: 1, atMost: 4 }), { found: 4, met: true });
});

test("a target for which something was not measured is neither met nor missed", () => {
  assert.deepEqual(verdict({ than: ["c"], atLeast: 1 }), { found: undefined, met: undefined });
});
