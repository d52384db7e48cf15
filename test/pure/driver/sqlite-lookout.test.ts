import assert from "node:assert/strict";
import { test } from "node:test";
import { Lookout } from "../../../src/driver/sqlite-lookout.ts";

/** A lookout on a clock that goes on by 10 µs with each look, and what it finds. */
function rig() {
  let time = 0;
  let looks = 0;
  const coming: (string | undefined)[] = [];
  const lookout = new Lookout(
    () => {
      looks++;
      time += 0.01;
      return coming.shift();
    },
    () => time,
  );
  const counted = (): { found: string | undefined; looked: number; took: number } => {
    const before = { looks, time };
    const found = lookout.more();
    return { found, looked: looks - before.looks, took: time - before.time };
  };
  return { coming, counted, lookout };
}

test("what comes within the moment is found, and then nothing more is waited for", () => {
  const { coming, counted } = rig();
  coming.push(undefined, undefined, "work");
  assert.equal(counted().found, "work");
  coming.push("more");
  assert.equal(counted().looked, 1);
});

test("where nothing comes it is over after 50 µs, and is tried ever more seldom", () => {
  const { counted } = rig();
  const tried: number[] = [];
  for (let i = 0; i < 200; i++) {
    const { found, looked, took } = counted();
    assert.equal(found, undefined);
    if (looked > 0) tried.push(i);
    assert.ok(took < 0.07, String(took));
  }
  const pauses = tried.slice(1).map((at, i) => at - (tried[i] ?? 0) - 1);
  assert.deepEqual(pauses.slice(0, 7), [1, 3, 7, 15, 31, 31, 31]);
});

test("once something has come it is tried each time again", () => {
  const { coming, counted } = rig();
  for (let i = 0; i < 100; i++) counted();
  coming.push("work");
  let found: string | undefined;
  for (let i = 0; found === undefined; i++) {
    assert.ok(i <= 32, "It never looked again.");
    found = counted().found;
  }
  assert.ok(counted().looked > 0);
});

test("all that has come is taken in its order, without a wait, also while no more is waited for", () => {
  const { coming, counted, lookout } = rig();
  for (let i = 0; i < 10; i++) counted();
  coming.push("one", "two", "three");
  assert.deepEqual(lookout.come(), ["one", "two", "three"]);
  assert.deepEqual(lookout.come(), []);
});

test("where a thread's own port can't be looked at it is tried once", () => {
  let looks = 0;
  const lookout = new Lookout<string>(
    () => {
      looks++;
      throw new TypeError("not a port");
    },
    () => 0,
  );
  for (let i = 0; i < 50; i++) assert.equal(lookout.more(), undefined);
  assert.deepEqual(lookout.come(), []);
  assert.equal(looks, 1);
});
