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

test("what was found out for one visit holds for the next only while nothing else has happened", async () => {
  const events: Record<string, (made: Awaited<ReturnType<typeof local>>) => unknown> = {
    "it was lent": ({ pool }) => pool.acquire(),
    "it was closed": ({ pool }) => void pool.closeAll(),
    "nothing is lent any more": ({ pool }) => void pool.drain(10),
    "it was taken away": ({ pool }) => pool.retire(() => true),
    "it died, and that was heard of": ({ resource }) => resource.things[0]?.die(new Error("gone")),
    "it was closed as idle": ({ pool }) => void pool.closeIdle(),
  };
  for (const [what, happens] of Object.entries(events)) {
    const made = await local({ maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      assert.equal(made.pool.visit(), made.resource.things[0], what);
      made.pool.leave();
    }
    void happens(made);
    assert.equal(made.pool.visit(), undefined, what);
  }
});

test("visits that follow each other are counted among the uses one by one", async () => {
  const { pool, resource } = await local({ maxUses: 10 });
  // The first use was the loan that opened it.
  for (let i = 0; i < 8; i++) {
    assert.equal(pool.visit(), resource.things[0]);
    pool.leave();
    await settle();
    assert.equal(resource.closed, 0, `${i}`);
  }
  pool.visit();
  pool.leave();
  await settle();
  assert.equal(resource.closed, 1);
});

test("one that is not fit after several visits is closed", async () => {
  const { pool, resource } = await local();
  for (let i = 0; i < 3; i++) {
    pool.visit();
    pool.leave();
  }
  pool.visit();
  resource.resets = () => false;
  pool.leave();
  await settle();
  assert.equal(resource.closed, 1);
});

test("each visit asks where each loan does, so that there is none, however often one is tried", async () => {
  const { pool } = await local({ validate: "always" });
  for (let i = 0; i < 3; i++) assert.equal(pool.visit(), undefined);
});
