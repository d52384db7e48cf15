import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, loans, type Rig, rig, settle, watch } from "./support.ts";

/** A statement of `ms` outside a scope. */
async function statement({ pool, clock }: Rig, ms: number): Promise<void> {
  const loan = await pool.acquire({ brief: true });
  await pause(clock, ms);
  await pool.release(loan);
}

function pause(clock: FakeClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

async function warm(rig: Rig, count: number): Promise<void> {
  for (const loan of await loans(rig.pool, count)) rig.pool.release(loan);
}

/** Connections that take 10 ms to open. */
function slowToOpen(): Rig {
  const made = rig();
  made.resource.opens = () => pause(made.clock, 10);
  return made;
}

async function warmAndSlow(count: number): Promise<Rig> {
  const made = slowToOpen();
  const warming = warm(made, count);
  await made.clock.advance(100);
  await warming;
  return made;
}

for (const ms of [1, 2, 5, 10]) {
  test(`fifty statements of ${ms} ms over five warm connections open at most three more`, async () => {
    const made = await warmAndSlow(5);
    const began = made.clock.now();
    let done = 0;
    const all = Array.from({ length: 50 }, () => statement(made, ms).then(() => done++));
    await made.clock.advance(ms * 10);
    assert.equal(done, 50, `after ${made.clock.now() - began} ms`);
    await Promise.all(all);
    assert.ok(made.pool.stats().open <= 8, `${made.pool.stats().open} open`);
  });
}

test("a hundred statements one after the other take one connection", async () => {
  const made = rig();
  for (let i = 0; i < 100; i++) {
    const loan = await made.pool.acquire({ brief: true });
    await made.pool.release(loan);
  }
  assert.equal(made.resource.opened, 1);
});

test("statements that pour in over a cold pool wait for the first connection", async () => {
  const made = slowToOpen();
  const all = Array.from({ length: 100 }, () => statement(made, 0));
  await made.clock.advance(15);
  await Promise.all(all);
  assert.equal(made.resource.attempts, 1);
});

test("nobody stays behind slow statements while connections may be opened", async () => {
  const made = await warmAndSlow(2);
  const slow = Array.from({ length: 2 }, () => statement(made, 10_000));
  await settle();
  const began = made.clock.now();
  const waits: number[] = [];
  const quick = Array.from({ length: 15 }, async () => {
    const loan = await made.pool.acquire({ brief: true });
    waits.push(made.clock.now() - began);
    await pause(made.clock, 10_000);
    await made.pool.release(loan);
  });
  await made.clock.advance(120);
  assert.equal(waits.length, 15);
  await made.clock.advance(20_000);
  await Promise.all([...slow, ...quick]);
});

test("a lasting stream of statements grows the pool step by step, not at once", async () => {
  const made = await warmAndSlow(1);
  const stream = Array.from({ length: 60 }, async () => {
    for (let i = 0; i < 10; i++) await statement(made, 4);
  });
  await made.clock.advance(49);
  assert.equal(made.pool.stats().open, 1);
  await made.clock.advance(200);
  const { open } = made.pool.stats();
  assert.ok(open >= 4 && open <= 7, `${open} open`);
  await made.clock.advance(5000);
  await Promise.all(stream);
});

test("a scope gets a connection of its own at once, whatever statements are under way", async () => {
  const made = await warmAndSlow(1);
  const brief = statement(made, 1000);
  const scope = watch(made.pool.acquire());
  await made.clock.advance(10);
  assert.equal(scope.state, "fulfilled");
  await made.clock.advance(1000);
  await brief;
});

test("a statement does not wait behind scopes while a connection may be opened", async () => {
  const made = await warmAndSlow(3);
  await loans(made.pool, 3);
  const one = watch(statement(made, 1));
  await made.clock.advance(11);
  assert.equal(one.state, "fulfilled");
});

test("without a timeout, statements wait for each other but are refused where scopes hold everything", async () => {
  const made = rig({ maxConnections: 2 });
  const first = await made.pool.acquire({ brief: true });
  const many = Array.from({ length: 50 }, () => statement(made, 0));
  made.pool.release(first);
  await made.clock.advance(100);
  await Promise.all(many);
  await loans(made.pool, 2);
  await assert.rejects(statement(made, 0), { code: "POOL_EXHAUSTED" });
});

test("a statement for which a connection is being opened slowly gets no second one", async () => {
  const made = rig();
  made.resource.opens = () => pause(made.clock, 500);
  const waiting = watch(made.pool.acquire({ brief: true }));
  await made.clock.advance(400);
  assert.deepEqual([waiting.state, made.resource.attempts], ["pending", 1]);
  await made.clock.advance(200);
  assert.equal(waiting.state, "fulfilled");
});

test("connections that come back by a reset count as movement, so none is opened beside them at once", async () => {
  const made = rig({ maxConnections: 5 });
  const { resource, clock } = made;
  await warm(made, 1);
  resource.resets = () => pause(clock, 5).then(() => true);
  let done = 0;
  const all = Array.from({ length: 6 }, () => statement(made, 5).then(() => done++));
  await clock.advance(45);
  assert.ok(done >= 3 && done < 6, `${done} are done`);
  assert.equal(resource.opened, 1);
  await clock.advance(200);
  await Promise.all(all);
});
