import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";

const { setTimeout: timer, performance: machine } = globalThis;

function replace(name: "setTimeout" | "performance", value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  replace("setTimeout", timer);
  replace("performance", machine);
});

test("the clock is the machine's, and only ever grows", () => {
  const before = performance.now();
  const now = systemClock.now();
  assert.ok(before <= now && now <= performance.now());
});

test("where a test has put its own time in the place of the machine's, timers and all, the clock goes by that, and only as long", () => {
  const later = systemClock.now() + 1e6;
  replace("setTimeout", () => 0);
  replace("performance", { now: () => later });
  assert.equal(systemClock.now(), later);
  replace("setTimeout", timer);
  replace("performance", machine);
  assert.ok(systemClock.now() < later);
});

test("a clock that is set by the performance object's own method is seen, timers or not", (context) => {
  context.mock.method(machine, "now", () => 42);
  assert.equal(systemClock.now(), 42);
});
