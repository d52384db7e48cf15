import assert from "node:assert/strict";
import { test } from "node:test";
import { Hearing, type Loop } from "../../../src/pool/hearing.ts";
import { FakeClock } from "./support.ts";

/** An event loop whose turns end when the test says so. */
class Turns implements Loop {
  readonly clock = new FakeClock();
  readonly hearing: Hearing;
  /** How many ends of turns were awaited in all. */
  awaited = 0;
  #waiting: (() => void)[] = [];

  constructor() {
    this.hearing = new Hearing(this.clock, this);
  }

  afterTurn(fn: () => void): void {
    this.awaited++;
    this.#waiting.push(fn);
  }

  idleTime(): number {
    return this.clock.asleep;
  }

  end(): void {
    for (const fn of this.#waiting.splice(0)) fn();
  }

  /** How long ago all has been heard. */
  age(): number {
    const now = this.clock.now();
    return now - this.hearing.at(now);
  }
}

test("who asks turn after turn by himself has the end of few turns noticed, and what was heard is known well enough", () => {
  for (const between of [0.05, 0.1, 0.3, 0.9]) {
    const turns = new Turns();
    let oldest = 0;
    for (let i = 0; i < 1000; i++) {
      turns.clock.sleep(between);
      oldest = Math.max(oldest, turns.age());
      turns.end();
    }
    assert.ok(turns.awaited <= 1000 / Math.min(8, 0.9 / between) + 1, `${between}: ${turns.awaited}`);
    assert.ok(turns.awaited >= 100, `${between}: ${turns.awaited}`);
    assert.ok(oldest < 4, `${between}: ${oldest} ms`);
  }
});

test("who asks seldom has the end of each turn noticed", () => {
  const turns = new Turns();
  for (let i = 0; i < 100; i++) {
    turns.clock.sleep(3);
    turns.age();
    assert.equal(turns.hearing.inTurn, true);
    turns.end();
    assert.equal(turns.hearing.inTurn, false);
  }
  assert.equal(turns.awaited, 100);
});

test("of a turn in which many ask the end is noticed, once", () => {
  const turns = new Turns();
  for (let i = 0; i < 100; i++) {
    for (let n = 0; n < 50; n++) turns.age();
    assert.equal(turns.hearing.inTurn, true);
    turns.clock.block(0.5);
    turns.end();
  }
  assert.equal(turns.awaited, 100);
});
