import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "../../../src/database/multiplex/crowd.ts";

/** How many more connections it asks for while one statement a millisecond is put behind others, of which the loop sleeps a part. */
function asked(ms: number, sleeping: number | undefined, pauseAt = Number.NaN): number {
  let slept = 0;
  const crowd = new Crowd(() => slept);
  let count = 0;
  for (let now = 1000; now < 1000 + ms; now++) {
    slept += sleeping ?? 0;
    if (now - 1000 >= pauseAt && now - 1000 < pauseAt + 30) continue;
    if (crowd.lasts(now)) count++;
  }
  return count;
}

test("where statements are put behind others for long, one more connection is asked for each 50 ms", () => {
  assert.equal(asked(45, 0.5), 0);
  assert.equal(asked(60, 0.5), 1);
  assert.equal(asked(520, 0.5), 10);
});

test("a program that has no time to sleep asks for none, since it could not use it", () => {
  assert.equal(asked(1000, 0.01), 0);
});

test("a burst that is over before asks for none, and the next one begins anew", () => {
  assert.equal(asked(90, 0.5, 40), 0);
});

test("where nobody counts how long the loop sleeps, the crowd alone decides", () => {
  assert.equal(asked(60, undefined), 1);
});
