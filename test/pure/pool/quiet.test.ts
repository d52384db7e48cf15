import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import type { Loan } from "../../../src/pool/loan.ts";
import { parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool } from "../../../src/pool/pool.ts";
import { FakeResource, loans, rig, settle, type Thing, watch } from "./support.ts";

test("a pool that nobody waits for leaves no timer, and one with upkeep leaves only timers that let the process end", async () => {
  const plain = rig({ timeout: 5 });
  for (const loan of await loans(plain.pool, 3)) plain.pool.release(loan);
  assert.equal(plain.clock.timers.size, 0);
  const kept = rig({ timeout: 5, idleTimeout: 10, keepalive: 5, leakTimeout: 5, minConnections: 1 });
  for (const loan of await loans(kept.pool, 3)) kept.pool.release(loan);
  assert.deepEqual(
    [...kept.clock.timers].map((timer) => timer.idle),
    [true],
  );
});

test("whoever gets in line for as long as it takes needs no look at the clock, and whoever is timed does", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 0 });
  const [first] = await loans(pool, 1);
  // Else the turn is too close to the last for its end to be noticed.
  clock.sleep(2);
  let looks = 0;
  clock.now = () => {
    looks++;
    return clock.time;
  };
  const looksFor = (fn: () => unknown): number => {
    looks = 0;
    void fn();
    return looks;
  };
  const line: Promise<Loan<Thing>>[] = [];
  // The first in line sees the clock: nothing else has in this turn.
  assert.ok(looksFor(() => line.push(pool.acquire() as Promise<Loan<Thing>>)) > 0);
  assert.equal(
    looksFor(() => line.push(pool.acquire() as Promise<Loan<Thing>>)),
    0,
  );
  assert.ok(looksFor(() => line.push(pool.acquire({ timeout: 50 }) as Promise<Loan<Thing>>)) > 0);
  // In another turn nobody knows what time it is.
  await settle();
  clock.sleep(7);
  assert.ok(looksFor(() => line.push(pool.acquire() as Promise<Loan<Thing>>)) > 0);
  const hear = (): void => {};
  subscribe("apocryphan:pool:acquire", hear);
  assert.ok(looksFor(() => line.push(pool.acquire() as Promise<Loan<Thing>>)) > 0, "somebody wants to know");
  unsubscribe("apocryphan:pool:acquire", hear);
  let held = first;
  for (const next of line) {
    clock.sleep(1);
    pool.release(held as Loan<Thing>);
    held = await next;
  }
  pool.release(held as Loan<Thing>);
  // 8 and 9 ms for the two before the sleep, 10 for the timed one, then 4 and 5.
  assert.equal(pool.stats().waitTime, 8 + 9 + 10 + 4 + 5);
});

test("a connection that is given back within the call that it was lent in goes on to the next without end", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  const [held] = await loans(pool, 1);
  let served = 0;
  const count = 50_000;
  for (let i = 0; i < count; i++) {
    pool.standInLine(
      [],
      (loan) => {
        served++;
        pool.release(loan);
      },
      (error) => assert.fail(String(error)),
    );
  }
  pool.release(held as Loan<Thing>);
  assert.equal(served, count);
  assert.equal(pool.stats().idle, 1);
});

test("no promise of the pool's own is ever left rejected", async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", listen);
  const { pool, resource, clock } = rig({ minConnections: 1, keepalive: 1, timeout: 1 });
  resource.opens = async () => {
    if (resource.attempts % 2 === 1) throw new Error("refused");
  };
  resource.closes = () => Promise.reject(new Error("close"));
  resource.checks = () => Promise.reject(new Error("check"));
  resource.resets = () => Promise.reject(new Error("reset"));
  for (let i = 0; i < 20; i++) {
    const caller = watch(pool.acquire());
    await clock.advance(300);
    if (caller.value !== undefined) pool.release(caller.value);
  }
  await pool.closeAll();
  await clock.advance(20_000);
  process.off("unhandledRejection", listen);
  assert.deepEqual(rejections, []);
});

test("a hundred thousand waiters cost about ten times what ten thousand cost, waiting, served or giving up", async () => {
  async function cost(waiters: number): Promise<number> {
    const pool = new Pool(new FakeResource(), parsePoolOptions({ maxConnections: 1, timeout: 600 }));
    const loan = await pool.acquire();
    const abort = new AbortController();
    const began = performance.now();
    let served = 0;
    let given = 0;
    const all = Array.from({ length: waiters }, (_, i) =>
      i % 2 === 0
        ? Promise.resolve(pool.acquire()).then((mine) => {
            served++;
            pool.release(mine);
          })
        : Promise.resolve(
            pool.acquire(i % 1000 === 1 ? { signal: abort.signal } : { timeout: 600_000 - (i % 97) }),
          ).then(
            (mine) => {
              served++;
              pool.release(mine);
            },
            () => given++,
          ),
    );
    abort.abort();
    pool.release(loan);
    await Promise.all(all);
    assert.equal(served + given, waiters);
    assert.equal(given, waiters / 1000);
    return performance.now() - began;
  }
  await cost(10_000);
  const small = Math.min(await cost(10_000), await cost(10_000), await cost(10_000));
  const large = Math.min(await cost(100_000), await cost(100_000));
  assert.ok(
    large < small * 40 + 200,
    `${Math.round(small)} ms for ten thousand, ${Math.round(large)} ms for ten times as many`,
  );
});

test("500 contexts share a few connections and never exceed them, while everything fails at random", async () => {
  const resource = new FakeResource();
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  resource.opens = async () => {
    await pause();
    if (Math.random() < 0.1) throw new Error("refused");
  };
  resource.closes = pause;
  resource.resets = () =>
    Math.random() < 0.1 ? pause().then(() => Math.random() < 0.5) : Math.random() < 0.95;
  const pool = new Pool(resource, parsePoolOptions({ maxConnections: 8, timeout: 0 }));
  const inUse = new Set<unknown>();
  await Promise.all(
    Array.from({ length: 500 }, async () => {
      for (let i = 0; i < 4; i++) {
        const loan = await pool.acquire({ brief: Math.random() < 0.3 });
        assert.equal(inUse.has(loan.item), false, "lent twice");
        inUse.add(loan.item);
        await pause();
        inUse.delete(loan.item);
        if (Math.random() < 0.05) loan.item.die(new Error("died"));
        await (Math.random() < 0.05 ? pool.destroy(loan) : pool.release(loan));
      }
    }),
  );
  assert.ok(resource.most <= 8, `${resource.most} were open`);
  assert.deepEqual([pool.stats().inUse, pool.stats().waiting], [0, 0]);
  assert.equal(pool.stats().acquired, 2000);
  await pool.closeAll();
  assert.equal(resource.alive, 0);
});
