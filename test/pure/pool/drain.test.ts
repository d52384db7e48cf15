import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolClosedError } from "../../../src/pool/errors.ts";
import { loans, rig, settle, watch } from "./support.ts";

test("a drain waits for the holders and cuts nobody who gives back in time", async () => {
  const { pool, clock, resource } = rig();
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  pool.release(b);
  const drain = watch(pool.drain(5000));
  await clock.advance(1000);
  assert.equal(drain.state, "pending");
  assert.equal(resource.alive, 1);
  await pool.release(a);
  await settle();
  assert.deepEqual(drain.value, { cut: 0 });
  assert.equal(resource.alive, 0);
  assert.equal(clock.timers.size, 0);
});

test("a drain settles in time whatever the holders and the connections do, and says how many were cut", async () => {
  const { pool, clock, resource } = rig();
  const held = await loans(pool, 3);
  resource.closes = () => new Promise(() => undefined);
  const drain = watch(pool.drain(5000));
  await clock.advance(4999);
  assert.equal(drain.state, "pending");
  await clock.advance(1);
  assert.deepEqual(drain.value, { cut: 3 });
  assert.match(held[0]?.lost?.message ?? "", /closed by drain\(\) after 5\.0 s in use/);
  await clock.advance(10_000);
  assert.equal(pool.stats().open, 0);
});

test("a draining pool lends nothing, refuses who waits, and says so", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  const waiter = watch(pool.acquire());
  const drain = watch(pool.drain(100));
  await settle();
  assert.ok(waiter.error instanceof PoolClosedError);
  assert.match(waiter.error.message, /draining or was drained/);
  await assert.rejects(async () => pool.acquire(), PoolClosedError);
  await pool.release(loan);
  await settle();
  assert.deepEqual(drain.value, { cut: 0 });
  await assert.rejects(async () => pool.acquire(), PoolClosedError);
  await pool.closeAll();
  await assert.rejects(async () => pool.acquire(), PoolClosedError);
  pool.reopen();
  assert.equal((await pool.acquire()).held, true);
  assert.equal(clock.timers.size, 0);
});

test("draining twice settles both, by the earlier deadline", async () => {
  const { pool, clock } = rig();
  await pool.acquire();
  const long = watch(pool.drain(5000));
  const short = watch(pool.drain(50));
  await clock.advance(50);
  assert.deepEqual([long.value, short.value], [{ cut: 1 }, { cut: 1 }]);
  assert.deepEqual(await pool.drain(1000), { cut: 0 });
});

test("reopening calls a drain off: nobody is cut", async () => {
  const { pool, clock } = rig();
  const loan = await pool.acquire();
  const drain = watch(pool.drain(100));
  pool.reopen();
  await clock.advance(200);
  assert.deepEqual(drain.value, { cut: 0 });
  assert.deepEqual([loan.lost, loan.held], [undefined, true]);
});

test("an empty pool is drained at once", async () => {
  const { pool, clock } = rig();
  assert.deepEqual(await pool.drain(5000), { cut: 0 });
  assert.equal(clock.timers.size, 0);
});
