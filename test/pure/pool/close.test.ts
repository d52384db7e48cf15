import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError } from "../../../src/base/error.ts";
import { PoolClosedError } from "../../../src/pool/errors.ts";
import { gate, loans, rig, settle, watch } from "./support.ts";

test("closeIdle closes what nobody uses and gives the number when it is closed", async () => {
  const { pool, resource } = rig();
  const [a, b, c] = await loans(pool, 3);
  assert.ok(a && b && c);
  pool.release(a);
  pool.release(b);
  const door = gate();
  resource.closes = () => door.promise;
  const closing = watch(pool.closeIdle());
  await settle();
  assert.equal(closing.state, "pending");
  door.open();
  await settle();
  assert.equal(closing.value, 2);
  assert.deepEqual([pool.stats().open, pool.stats().inUse], [1, 1]);
  assert.equal(c.held, true);
  assert.equal(await pool.closeIdle(), 0);
});

test("closeStale closes what has been held too long, and its holder is told at the next use", async () => {
  const { pool, clock } = rig();
  const old = await pool.acquire();
  await clock.advance(600_000);
  const young = await pool.acquire();
  assert.equal(await pool.closeStale(600_000), 1);
  assert.ok(old.lost instanceof ConnectionLostError);
  assert.match(old.lost.message, /^The connection was closed by closeStale\(\) after 600\.0 s in use\./);
  assert.equal(young.lost, undefined);
  await pool.release(old);
  assert.deepEqual([pool.stats().open, pool.stats().inUse], [1, 1]);
  assert.equal(await pool.closeStale(600_000), 0);
});

test("destroy really closes, and settles when the place is free", async () => {
  const { pool, resource } = rig({ maxConnections: 1 });
  const door = gate();
  resource.closes = () => door.promise;
  const loan = await pool.acquire();
  const closing = watch(pool.destroy(loan));
  await settle();
  assert.equal(closing.state, "pending");
  door.open();
  await settle();
  assert.equal(closing.state, "fulfilled");
  assert.equal(pool.stats().open, 0);
  assert.equal(loan.lost, undefined);
  assert.notEqual((await pool.acquire()).item, loan.item);
});

test("closeAll waits for no holder, refuses the waiters, and leaves a pool that can be used again", async () => {
  const { pool, resource } = rig({ maxConnections: 2, timeout: 0 });
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  const waiter = watch(pool.acquire());
  await pool.closeAll();
  assert.ok(a.lost instanceof ConnectionLostError && b.lost instanceof ConnectionLostError);
  assert.match(a.lost.message, /closed by closeAll\(\)/);
  assert.ok(waiter.error instanceof PoolClosedError);
  assert.equal(
    waiter.error.message,
    'Pool "main" was closed, so nobody who waits for a connection gets one. Ask again, or close the pool after its last user. (POOL_CLOSED)',
  );
  assert.equal(resource.alive, 0);
  const again = await pool.acquire();
  await pool.release(a);
  assert.equal(again.held, true);
  assert.equal(resource.most, 2);
});

test("closeAll ends the attempts to connect, and leaves nothing open when one succeeds nevertheless", async () => {
  const { pool, resource } = rig({ timeout: 0 });
  const door = gate();
  let aborted = 0;
  resource.opens = (signal) => {
    signal.addEventListener("abort", () => aborted++);
    return door.promise;
  };
  const callers = [watch(pool.acquire()), watch(pool.acquire())];
  const closing = watch(pool.closeAll());
  await settle();
  assert.equal(aborted, 2);
  assert.ok(callers.every((fate) => fate.error instanceof PoolClosedError));
  assert.equal(closing.state, "pending");
  door.open();
  await settle();
  assert.equal(closing.state, "fulfilled");
  assert.deepEqual([resource.opened, resource.closed, resource.alive], [2, 2, 0]);
});

test("closeAll settles within connectTimeout also where an attempt never ends", async () => {
  const { pool, resource, clock } = rig({ timeout: 0, connectTimeout: 2 });
  resource.opens = () => new Promise(() => undefined);
  const caller = watch(pool.acquire());
  const closing = watch(pool.closeAll());
  await clock.advance(2000);
  assert.equal(closing.state, "fulfilled");
  assert.equal(caller.state, "rejected");
  assert.equal(pool.stats().closing, 1, "the place of an attempt that never ended must not be given away");
});

test("a minimum is kept from the start, and after closeAll only from the next use on", async () => {
  const { pool, clock } = rig({ minConnections: 2 });
  await clock.advance(1);
  assert.equal(pool.stats().idle, 2);
  await pool.closeAll();
  await clock.advance(60_000);
  assert.equal(pool.stats().open, 0);
  assert.equal(clock.timers.size, 0);
  await pool.release(await pool.acquire());
  await clock.advance(1);
  assert.equal(pool.stats().idle, 2);
});

const endings = ["release", "destroy", "closeAll", "closeIdle", "closeStale", "drain", "die"] as const;

for (const first of endings) {
  for (const second of endings) {
    test(`${first} and then ${second}, at once and after it, neither hangs nor lends anything twice`, async () => {
      for (const patient of [true, false]) {
        const { pool, resource, clock } = rig({ maxConnections: 2, timeout: 0 });
        const [loan, other] = await loans(pool, 2);
        assert.ok(loan && other);
        const waiter = watch(pool.acquire());
        const does = {
          release: () => Promise.resolve(pool.release(loan)),
          destroy: () => pool.destroy(loan),
          closeAll: () => pool.closeAll(),
          closeIdle: () => pool.closeIdle(),
          closeStale: () => pool.closeStale(0),
          drain: () => pool.drain(100),
          die: async () => loan.item.die(new Error("gone")),
        };
        const one = watch<unknown>(does[first]());
        if (patient) await settle();
        const two = watch<unknown>(does[second]());
        await clock.advance(100);
        assert.deepEqual([one.state, two.state], ["fulfilled", "fulfilled"]);
        if (waiter.value?.held) {
          assert.notEqual(waiter.value.item, other.held ? other.item : undefined);
          assert.equal(waiter.value.item.alive, true);
        }
        await pool.release(loan);
        await pool.release(other);
        if (waiter.value !== undefined) await pool.release(waiter.value);
        await pool.closeAll();
        await settle();
        assert.equal(resource.alive, 0);
        assert.equal(resource.closed, resource.opened);
        assert.ok(resource.most <= 2);
        assert.notEqual(waiter.state, "pending");
        assert.equal(clock.timers.size, 0);
      }
    });
  }
}
