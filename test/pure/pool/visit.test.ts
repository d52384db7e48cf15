import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import type { PoolOptionsInput } from "../../../src/pool/options.ts";
import { FakeResource, loans, rig, settle, watch } from "./support.ts";

/** A pool of things in this thread, of which `ready` lie ready. */
async function local(options: PoolOptionsInput = {}, ready = 1) {
  const resource = Object.assign(new FakeResource(), { local: true });
  const made = rig(options, {}, resource);
  for (const loan of await loans(made.pool, ready)) await made.pool.release(loan);
  for (const thing of resource.things) thing.resets = 0;
  return made;
}

test("a visit uses what lies ready where it lies, is counted, and ends with a reset", async () => {
  const { pool, resource } = await local();
  const { acquired, released } = pool.stats();
  assert.equal(pool.visit(), resource.things[0]);
  assert.deepEqual([pool.stats().idle, pool.stats().inUse], [1, 0]);
  pool.leave(3);
  assert.equal(resource.things[0]?.resets, 1);
  assert.deepEqual([pool.stats().acquired - acquired, pool.stats().released - released], [3, 3]);
  pool.leave();
  assert.equal(pool.stats().acquired - acquired, 3);
});

test("what is not fit after a visit is closed, as is what fails to say so", async () => {
  const { pool, resource } = await local({}, 2);
  const answers = [() => false, () => assert.fail("broken")];
  for (const answer of answers) {
    resource.resets = answer;
    assert.notEqual(pool.visit(), undefined);
    pool.leave();
    await settle();
  }
  assert.equal(resource.closed, 2);
  assert.equal(pool.visit(), undefined);
});

test("there is no visit where nothing lies ready, what lies there is dead, or somebody waits", async () => {
  const { pool, resource } = await local({ maxConnections: 1, timeout: 0 });
  const held = await pool.acquire();
  assert.equal(pool.visit(), undefined);
  const waiting = watch(pool.acquire());
  assert.equal(pool.visit(), undefined);
  await pool.release(held);
  await settle();
  assert.ok(waiting.value);
  await pool.release(waiting.value);
  for (const thing of resource.things) thing.alive = false;
  assert.equal(pool.visit(), undefined);
});

test("there is none while loans are watched", async () => {
  const { pool } = await local();
  const heard = (): void => {};
  subscribe("apocryphan:pool:acquire", heard);
  try {
    assert.equal(pool.visit(), undefined);
  } finally {
    unsubscribe("apocryphan:pool:acquire", heard);
  }
  assert.notEqual(pool.visit(), undefined);
  pool.leave();
  const watched = await local({ leakTimeout: 5 });
  assert.equal(watched.pool.visit(), undefined);
});

test("who asks from within a visit gets the connection after it, and after its reset", async () => {
  const { pool, resource } = await local({ maxConnections: 1, timeout: 0 });
  pool.visit();
  assert.equal(pool.visit(), undefined);
  const asked = watch(pool.acquire());
  await Promise.resolve();
  assert.equal(asked.state, "pending");
  pool.leave();
  assert.equal(resource.things[0]?.resets, 1);
  await settle();
  assert.equal(asked.value?.item, resource.things[0]);
  assert.equal(resource.opened, 1);
});

test("a visit that unfits its connection leaves none to who asked from within, who gets a new one", async () => {
  const { pool, resource } = await local({ maxConnections: 1, timeout: 0 });
  resource.resets = () => false;
  pool.visit();
  const asked = watch(pool.acquire());
  pool.leave();
  await settle();
  assert.equal(asked.value?.item, resource.things[1]);
  assert.equal(resource.closed, 1);
});

test("visits count among the uses, and keep a connection from being idle", async () => {
  const { pool, resource, clock } = await local({ maxUses: 4, idleTimeout: 10 });
  for (let i = 0; i < 2; i++) {
    await clock.advance(8000);
    assert.equal(pool.visit(), resource.things[0]);
    pool.leave();
  }
  await clock.advance(8000);
  assert.equal(resource.closed, 0);
  // The first use was the loan that opened it.
  pool.visit();
  pool.leave();
  await settle();
  assert.equal(resource.closed, 1);
});

test("what was put off is done before everything is closed, and before nothing is lent any more", async () => {
  const { pool } = await local();
  const seen: number[] = [];
  pool.beforeClosing(() => seen.push(pool.stats().open));
  await pool.closeAll();
  await pool.drain(10);
  assert.deepEqual(seen, [1, 0]);
});
