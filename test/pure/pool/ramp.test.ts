import assert from "node:assert/strict";
import { test } from "node:test";
import { Ramp } from "../../../src/pool/ramp.ts";

test("where nothing comes back, one, two, four connections are granted, each 20 ms", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  assert.equal(ramp.at, 120);
  assert.equal(ramp.grant(120, 100), 1);
  assert.equal(ramp.at, 140);
  assert.equal(ramp.grant(140, 100), 2);
  assert.equal(ramp.grant(160, 100), 4);
});

test("a movement starts the doubling anew", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.grant(120, 100);
  ramp.grant(140, 100);
  ramp.moved(155);
  assert.equal(ramp.grant(160, 140), 0);
  assert.equal(ramp.grant(180, 140), 1);
});

test("so does a new line", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.grant(120, 100);
  ramp.grant(140, 100);
  ramp.begin(200);
  assert.equal(ramp.grant(220, 200), 1);
});

test("while connections come back, one is granted for a line of 50 ms, and the next 50 ms later, whoever is first in it", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  const granted: number[] = [];
  for (let now = 110; now <= 260; now += 10) {
    ramp.moved(now);
    granted.push(ramp.grant(now, now - 1));
  }
  assert.deepEqual(granted, [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test("while statements share connections, nothing is granted for somebody who has just come", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.shared(190);
  assert.equal(ramp.grant(200, 151), 0);
  assert.equal(ramp.grant(201, 151), 1);
});

test("sharing that was over 50 ms ago no longer counts", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.shared(150);
  ramp.moved(199);
  assert.equal(ramp.grant(199, 190), 0);
  ramp.moved(200);
  assert.equal(ramp.grant(200, 190), 1);
});

test("a movement exactly 20 ms ago is none any more", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.moved(100);
  assert.equal(ramp.grant(119, 60), 0);
  assert.equal(ramp.grant(120, 60), 1);
});

test("the 50 ms between two grants while things move begin with the line, also where its first came before", () => {
  const ramp = new Ramp();
  ramp.begin(100);
  ramp.moved(140);
  assert.equal(ramp.grant(149, 80), 0);
  assert.equal(ramp.grant(150, 80), 1);
});
