import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CHARTS } from "../../bench/harness/charts.ts";
import { filled } from "../../bench/harness/figures.ts";
import { latest } from "../../bench/harness/latest.ts";
import type { Results } from "../../bench/harness/results.ts";
import { findPart, PARTS } from "../../bench/parts/index.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/performance.md"), "utf8");

test("every figure in docs/performance.md is the one in the newest results (npm run bench:docs)", () => {
  assert.equal(PAGE, filled(PAGE, latest()));
});

test("a figure that was changed by hand is noticed", () => {
  const blank = "<!-- figures: pool/cost -->\n| made up | 1 |\n<!-- end -->";
  assert.notEqual(filled(blank, latest()), blank);
});

test("what docs/performance.md quotes are cases and metrics that there are", () => {
  const blocks = [...PAGE.matchAll(/<!-- figures: (\S+) -->/g)]
    .map(([, what = ""]) => what.split("/"))
    .filter(([part]) => part !== "chart");
  assert.ok(blocks.length > 10);
  for (const [part = "", name = "", metric] of blocks) {
    const kase = findPart(part).cases.find((one) => one.name === name);
    assert.ok(kase, `${part} has the case ${name}`);
    if (metric !== undefined)
      assert.ok(
        kase.metrics.some((one) => one.name === metric),
        `${name} has ${metric}`,
      );
  }
});

test("every chart shows a metric that is measured, and is there where there are results to draw it from", () => {
  const results = latest();
  for (const { file, part, metric, width, ...chart } of CHARTS) {
    const kase = findPart(part).cases.find((one) => one.name === chart.case);
    assert.ok(
      kase?.metrics.some((one) => one.name === metric),
      `${part}/${chart.case} has ${metric}`,
    );
    if (width !== undefined) assert.ok(kase?.widths.includes(width));
    assert.equal(existsSync(join(ROOT, "docs/charts", `${file}.svg`)), results.has(part), file);
  }
});

test("every target is about contestants and metrics that there are", () => {
  for (const part of PARTS) {
    for (const target of part.targets) {
      const kase = part.cases.find((one) => one.name === target.case);
      assert.ok(kase, `${part.name} has the case ${target.case}`);
      assert.ok(kase.widths.includes(target.width));
      assert.ok(kase.metrics.some((one) => one.name === target.metric));
      for (const name of [target.ours, target.than ?? []].flat()) {
        assert.ok(
          kase.contestants.some((one) => one.name === name),
          `${target.case} has ${name}`,
        );
      }
    }
  }
});

test("results are kept of whole runs only", () => {
  for (const { run } of latest().values()) {
    const { quick }: Results = run;
    assert.equal(quick, false);
  }
});
