import assert from "node:assert/strict";
import { test } from "node:test";
import { channels } from "../../../src/pool/events.ts";
import type { Loan } from "../../../src/pool/loan.ts";
import { loans, rig, settle, type Thing, watch } from "./support.ts";

test("a connection older than staleTimeout is closed instead of handed out", async () => {
  const { pool, clock, resource } = rig({ staleTimeout: 300 });
  pool.release(await pool.acquire());
  clock.time += 299_990;
  const young = await pool.acquire();
  assert.equal(young.item.id, 1);
  pool.release(young);
  clock.time += 10;
  assert.equal((await pool.acquire()).item.id, 2);
  await settle();
  assert.equal(resource.closed, 1);
});

test("a connection older than staleTimeout is closed instead of taken back", async () => {
  const { pool, clock, resource } = rig({ staleTimeout: 300 });
  const loan = await pool.acquire();
  await clock.advance(300_000);
  assert.equal(loan.lost, undefined);
  await pool.release(loan);
  assert.deepEqual([resource.closed, pool.stats().open], [1, 0]);
});

test("an idle connection is closed when its time has come, without anybody asking", async () => {
  const { pool, clock } = rig({ staleTimeout: 300 });
  pool.release(await pool.acquire());
  await clock.advance(299_999);
  assert.equal(pool.stats().open, 1);
  await clock.advance(1);
  assert.equal(pool.stats().open, 0);
  assert.equal(clock.timers.size, 0);
});

test("lifetimes differ by up to a tenth, so that connections opened together don't end together", async () => {
  let draw = 0;
  const { pool, clock } = rig({ maxLifetime: 100 }, { chance: () => (draw++ % 11) / 10 });
  for (const loan of await loans(pool, 11)) pool.release(loan);
  await clock.advance(89_999);
  assert.equal(pool.stats().open, 11);
  const left: number[] = [];
  for (let i = 0; i < 11; i++) {
    await clock.advance(1000);
    left.push(pool.stats().open);
  }
  assert.deepEqual(left, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

test("what lies idle too long is closed, down to the minimum", async () => {
  const { pool, clock } = rig({ idleTimeout: 10, minConnections: 2 });
  const held = await loans(pool, 5);
  for (const loan of held) pool.release(loan);
  await clock.advance(9_999);
  assert.equal(pool.stats().open, 5);
  await clock.advance(1);
  assert.equal(pool.stats().open, 2);
  await clock.advance(100_000);
  assert.equal(pool.stats().open, 2);
});

test("what is used is not idle: the hot ones stay, the cold ones go", async () => {
  const { pool, clock } = rig({ idleTimeout: 10 });
  for (const loan of await loans(pool, 3)) pool.release(loan);
  for (let i = 0; i < 5; i++) {
    await clock.advance(4000);
    pool.release(await pool.acquire());
  }
  assert.deepEqual([pool.stats().open, pool.stats().connects], [1, 3]);
});

test("a connection is closed when it has been handed out maxUses times", async () => {
  const { pool, resource } = rig({ maxUses: 3 });
  const ids: number[] = [];
  for (let i = 0; i < 7; i++) {
    const loan = await pool.acquire();
    ids.push(loan.item.id);
    await pool.release(loan);
  }
  assert.deepEqual(ids, [1, 1, 1, 2, 2, 2, 3]);
  assert.equal(resource.closed, 2);
});

test("the minimum is renewed as its members end, not all at once", async () => {
  let draw = 0;
  const { pool, clock, resource } = rig(
    { minConnections: 4, staleTimeout: 100 },
    { chance: () => (draw++ % 4) / 4 },
  );
  await clock.advance(1);
  assert.equal(pool.stats().idle, 4);
  let least = 4;
  for (let i = 0; i < 3000; i++) {
    await clock.advance(100);
    least = Math.min(least, pool.stats().idle);
  }
  assert.ok(resource.closed >= 8, `${resource.closed} were renewed`);
  assert.equal(least, 4);
});

test("keepalive asks those that lie idle, and closes those that don't answer", async () => {
  const { pool, clock, resource } = rig({ keepalive: 60 });
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  pool.release(a);
  pool.release(b);
  await clock.advance(61_000);
  assert.deepEqual([a.item.checks, b.item.checks], [1, 1]);
  resource.checks = async (thing) => thing !== a.item;
  await clock.advance(61_000);
  assert.deepEqual([a.item.alive, b.item.alive], [false, true]);
  assert.equal(pool.stats().idle, 1);
});

test("a keepalive that hangs keeps nobody waiting while others lie idle, and is given up after connectTimeout", async () => {
  const { pool, clock, resource } = rig({ keepalive: 60, connectTimeout: 5, timeout: 1 });
  for (const loan of await loans(pool, 3)) pool.release(loan);
  resource.checks = () => new Promise(() => undefined);
  await clock.advance(60_000);
  const caller = watch(pool.acquire());
  await settle();
  assert.equal(caller.state, "fulfilled");
  await clock.advance(10_000);
  assert.equal(resource.closed, 2);
});

test("what the minimum needs is opened while the one before is still being closed, where there is room", async () => {
  const { pool, clock, resource } = rig({ minConnections: 2 });
  await clock.advance(1);
  resource.closes = () => new Promise(() => undefined);
  const loan = await pool.acquire();
  void pool.destroy(loan);
  await settle();
  assert.deepEqual([pool.stats().closing, pool.stats().idle], [1, 2]);
});

test("each closing says why", async () => {
  const reasons: unknown[] = [];
  const listen = (message: unknown): void => {
    const event = message as { pool: string; why: string };
    if (event.pool === "reasons") reasons.push(event.why);
  };
  channels.close.subscribe(listen);
  const { pool, clock } = rig({ staleTimeout: 100, idleTimeout: 50, maxUses: 3 }, { name: "reasons" });
  const once = async (end: (loan: Loan<Thing>) => unknown): Promise<void> => {
    await end(await pool.acquire());
    await settle();
  };
  await once((loan) => pool.destroy(loan));
  await once((loan) => loan.item.die(new Error("gone")));
  await once((loan) => {
    pool.retire(() => true);
    return pool.release(loan);
  });
  await once((loan) => clock.advance(100_000).then(() => pool.release(loan)));
  await once((loan) => Promise.resolve(pool.release(loan)).then(() => clock.advance(50_000)));
  for (let i = 0; i < 3; i++) await once((loan) => pool.release(loan));
  await once(() => pool.closeStale(0));
  await once(() => pool.closeAll());
  await once(() => pool.drain(0));
  channels.close.unsubscribe(listen);
  assert.deepEqual(reasons, [
    "manual",
    "lost",
    "retired",
    "expired",
    "idle",
    "worn",
    "held",
    "closed",
    "drained",
  ]);
});

test("in the very moment in which a connection becomes too old it is not lent any more", async () => {
  const { pool, resource, clock } = rig({ staleTimeout: "20ms" });
  pool.release(await pool.acquire());
  clock.sleep(19);
  const young = pool.acquire();
  assert.ok(!(young instanceof Promise));
  pool.release(young);
  clock.sleep(1);
  await pool.acquire();
  assert.equal(resource.opened, 2);
});
