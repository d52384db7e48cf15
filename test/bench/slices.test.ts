import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices } from "../../bench/harness/slices.ts";

/** So many pieces in each of these milliseconds. */
function run(paces: readonly number[], length = 10): number {
  const slices = new Slices(length, 1000);
  let now = 1000;
  let count = 0;
  for (const pace of paces) {
    count += pace;
    slices.at(++now, count);
  }
  return slices.pace(now, count);
}

test("a pace is the middle one of the slices, so that a time in which the machine stood still does not count", () => {
  const steady = Array<number>(10).fill(4);
  const still = Array<number>(10).fill(0);
  assert.equal(run([...steady, ...still, ...steady]), 4);
});

test("what comes back in each slice is in it", () => {
  const slice = [...Array<number>(9).fill(4), 0];
  assert.equal(run([...slice, ...slice, ...slice]), 3.6);
});

test("what is over before the end of a slice goes by its mean", () => {
  assert.equal(run([1, 3, 5]), 3);
});

test("a slice lasts until somebody looks, and is divided by how long that was", () => {
  const slices = new Slices(10, 0);
  slices.at(9, 90);
  slices.at(20, 200);
  slices.at(25, 1000);
  assert.equal(slices.pace(25, 1000), 10);
});
