import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Job, Lane } from "../../../src/database/multiplex/lane.ts";
import { Known } from "../../../src/database/multiplex/texts.ts";
import type { Connection } from "../../../src/driver/driver.ts";

const ROUND_TRIP = 0.2;

/** A loop that is asleep whenever a test has nothing to do. */
let asleep = 0;

function lane(now = 0, negligible?: number): Lane {
  return new Lane({ item: {} as Connection, lost: undefined }, now, () => asleep, negligible);
}

function known(company: "read" | "write", time?: number): Known {
  const its = new Known(company);
  if (time !== undefined) its.took(time);
  return its;
}

function job(its: Known): Job {
  return new Job(
    { answered: () => {}, failed: () => {} },
    { text: "", values: [] },
    its,
    () => {},
    () => {},
  );
}

/** How many go down one lane at the same moment. */
function fill(its: Known, most = 1000): number {
  const way = lane();
  let n = 0;
  while (n < most && way.hasRoom(0, ROUND_TRIP)) {
    way.sends(job(its), 0);
    n++;
  }
  return n;
}

test("small statements pack densely, slow ones and unknown ones don't", () => {
  assert.equal(fill(known("read", 0.03)), 34);
  assert.equal(fill(known("read", 0.4)), 3);
  assert.equal(fill(known("read", 5)), 1);
  assert.equal(fill(known("read")), 1);
  // Whatever the estimate says, there is an end.
  assert.equal(fill(known("read", 0)), 256);
});

test("nothing goes behind one that may wait for a lock, until it is answered", () => {
  const way = lane();
  const write = job(known("write", 0));
  const read = job(known("read", 0));
  way.sends(read, 0);
  assert.ok(way.hasRoom(0, ROUND_TRIP));
  way.sends(write, 0);
  assert.ok(!way.hasRoom(0, ROUND_TRIP));
  way.answered(read, 0.1, 0.1);
  assert.ok(!way.hasRoom(0.1, ROUND_TRIP));
  way.answered(write, 0.2, 0.1);
  assert.ok(way.hasRoom(0.2, ROUND_TRIP));
});

test("one whose answer is late lets nothing behind it any more, however quick it used to be", () => {
  const way = lane();
  way.sends(job(known("read", 0.01)), 0);
  assert.ok(way.hasRoom(1, ROUND_TRIP));
  assert.ok(!way.hasRoom(3, ROUND_TRIP));
});

test("a lane that is never idle takes nothing new after a second at most, so that the pool gets it back", () => {
  const way = lane(0);
  const its = known("read", 0);
  let going = job(its);
  way.sends(going, 0);
  let last = 0;
  for (let now = 0.1; now < 2000; now += 0.1) {
    if (way.hasRoom(now, ROUND_TRIP)) last = now;
    else if (now > 1001) break;
    // One comes for one that goes.
    const next = job(its);
    way.sends(next, now);
    way.answered(going, now, 0);
    going = next;
  }
  assert.ok(last >= 499 && last <= 1001, `the last one went down at ${last} ms`);
});

test("where somebody waits, a lane past its turn is not used on with one statement at a time, but given back", () => {
  const way = lane(0);
  const last = job(known("read", 0));
  way.sends(last, 0);
  way.answered(last, 1100, 1100);
  assert.equal(way.count, 0);
  assert.ok(!way.hasRoom(1100, ROUND_TRIP));
});

test("how much work in front is bearable is the caller's to say, where nothing better is free", () => {
  const way = lane();
  const its = known("read", 0.5);
  for (let i = 0; i < 3; i++) way.sends(job(its), 0);
  assert.ok(!way.hasRoom(0, ROUND_TRIP));
  assert.ok(way.hasRoom(0, ROUND_TRIP, 4));
  for (let i = 0; i < 6; i++) way.sends(job(its), 0);
  assert.ok(!way.hasRoom(0, ROUND_TRIP, 4));
  // One that was never seen may take any time.
  const other = lane();
  other.sends(job(known("read")), 0);
  assert.ok(!other.hasRoom(0, ROUND_TRIP, 4));
});

test("an answer that may have lain here while the program was busy makes no statement slower", () => {
  const way = lane();
  const its = known("read", 0.1);
  asleep = 20;
  const [first, second, third] = [job(its), job(its), job(its)] as const;
  for (const each of [first, second, third]) way.sends(each, 0);
  way.answered(first, 8, 8);
  assert.equal(its.time, 0.1);
  // That was all there was, and the next one really took its time: the loop had nothing to do meanwhile.
  asleep = 28;
  way.answered(second, 16, 8);
  assert.equal(its.time, 0.1);
  asleep = 36;
  way.answered(third, 24, 8);
  assert.ok((its.time ?? 0) > 0.4, `${its.time} ms`);
});

test("answers that come together share the time that they took together", () => {
  const way = lane();
  const its = known("read", 1);
  const jobs = Array.from({ length: 50 }, () => job(its));
  for (const each of jobs) way.sends(each, 0);
  // Fifty answers in one piece after 10 ms in which this program did something else: 0.2 ms each, not 10 for the first.
  for (const each of jobs) way.answered(each, 10, each === jobs[0] ? 10 : 0);
  assert.ok(its.time !== undefined && Math.abs(its.time - 0.2) < 0.01, `${its.time} ms`);
});

test("a time that the driver has measured counts as it is, however long the answer was on its way", () => {
  const way = lane();
  const its = known("read");
  const jobs = [job(its), job(its)];
  for (const each of jobs) way.sends(each, 0);
  for (const each of jobs) way.answered(each, 10, 0.02, true);
  assert.equal(its.time, 0.02);
});

test("how much work in front is let pass unnoticed is the driver's to say", () => {
  const way = lane(0, 0.1);
  way.sends(job(known("read", 0.08)), 0);
  assert.ok(way.hasRoom(0, ROUND_TRIP));
  way.sends(job(known("read", 0.08)), 0);
  assert.ok(!way.hasRoom(0, ROUND_TRIP));
});

test("the work in front never drifts, whatever comes and goes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (times) => {
        const way = lane();
        let now = 0;
        for (const time of times) {
          const its = known("read", time);
          const one = job(its);
          way.sends(one, now);
          now += time;
          way.answered(one, now, time);
          assert.equal(way.count, 0);
          assert.ok(way.hasRoom(now, ROUND_TRIP));
        }
      },
    ),
  );
});

test("a running average falls at once and rises slowly, and settles where the runs are", () => {
  const its = known("read", 10);
  for (let i = 0; i < 20; i++) its.took(0.1);
  assert.ok((its.time ?? 99) < 0.2);
  its.took(50);
  assert.ok((its.time ?? 99) < 3, "one slow run makes no slow statement");
  for (let i = 0; i < 100; i++) its.took(50);
  assert.ok((its.time ?? 0) > 45);
});
