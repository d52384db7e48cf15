import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../bench/harness/pace.ts";

test("a run's time is divided by trials, and what a case leaves over is for the later ones", () => {
  const pace = new Pace(1000, 10);
  assert.equal(pace.share(4), 400);
  pace.done(4, 100);
  assert.equal(pace.share(3), 450);
  pace.done(3, 2000);
  assert.equal(pace.share(3), 0, "an overrun leaves nothing, and everybody has one round all the same");
});
