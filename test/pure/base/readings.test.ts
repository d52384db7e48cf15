import assert from "node:assert/strict";
import { test } from "node:test";
import { Readings } from "../../../src/base/readings.ts";
import type { Desk } from "../../../src/driver/sqlite-desk.ts";

/** Desks that note what is asked of them. */
function rig(refuses = false) {
  const seen: string[] = [];
  const desk = (name: string): Desk =>
    ({
      beginReading() {
        seen.push(`${name} begins`);
        return !refuses;
      },
      endReading: () => void seen.push(`${name} ends`),
    }) as unknown as Desk;
  return { seen, a: desk("a"), b: desk("b"), readings: new Readings() };
}

test("one statement by itself begins nothing; from the second on they are read as of one moment", () => {
  const { seen, a, readings } = rig();
  readings.reads(a, 0);
  assert.deepEqual(seen, []);
  readings.reads(a, 0.1);
  readings.reads(a, 0.2);
  assert.deepEqual(seen, ["a begins"]);
  readings.end();
  readings.end();
  assert.deepEqual(seen, ["a begins", "a ends"]);
});

test("another connection's statement, and a millisecond, end it", () => {
  const { seen, a, b, readings } = rig();
  readings.reads(a, 0);
  readings.reads(a, 0);
  readings.reads(b, 0.1);
  assert.deepEqual(seen, ["a begins", "a ends"]);
  readings.reads(b, 0.2);
  readings.reads(b, 1.1);
  readings.reads(b, 1.2);
  assert.deepEqual(seen.slice(2), ["b begins", "b ends", "b begins"]);
  readings.end();
  assert.deepEqual(seen.at(-1), "b ends");
});

test("what could not be begun is not ended, and tried again", () => {
  const { seen, a, readings } = rig(true);
  for (let i = 0; i < 3; i++) readings.reads(a, 0);
  readings.end();
  assert.deepEqual(seen, ["a begins", "a begins"]);
});
