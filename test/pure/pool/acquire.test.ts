import assert from "node:assert/strict";
import { test } from "node:test";
import { Loan } from "../../../src/pool/loan.ts";
import { gate, loans, rig, settle, type Thing, watch } from "./support.ts";

test("an idle connection is lent at once, without a promise", async () => {
  const { pool, resource } = rig();
  const first = await pool.acquire();
  assert.equal(pool.release(first), undefined);
  const second = pool.acquire();
  assert.ok(second instanceof Loan);
  assert.equal(second.item, first.item);
  assert.equal(second.held, true);
  assert.equal(first.held, false);
  assert.equal(resource.opened, 1);
});

test("twenty callers in one turn get a connection each, over a cold pool and a warm one", async () => {
  const { pool, resource } = rig();
  for (let round = 0; round < 2; round++) {
    const all = await loans(pool, 20);
    assert.equal(new Set(all.map((loan) => loan.item)).size, 20);
    for (const loan of all) await pool.release(loan);
  }
  assert.equal(resource.opened, 20);
  assert.equal(resource.most, 20);
});

test("the connection that came back last is lent first, so that the others can shrink away", async () => {
  const { pool } = rig();
  const [a, b, c] = await loans(pool, 3);
  assert.ok(a && b && c);
  pool.release(a);
  pool.release(c);
  pool.release(b);
  assert.equal((await pool.acquire()).item, b.item);
  assert.equal((await pool.acquire()).item, c.item);
});

test("those who wait are served first come, first served", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  let loan = await pool.acquire();
  const order: number[] = [];
  const waiting = [1, 2, 3, 4].map(async (n) => {
    const mine = await pool.acquire();
    order.push(n);
    return mine;
  });
  for (const next of waiting) {
    pool.release(loan);
    loan = await next;
  }
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test("who receives his loan by a call has it before what he waits for is settled, which gives nothing", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  const received: Loan<Thing>[] = [];
  const receiver = { receive: (loan: Loan<Thing>) => void received.push(loan) };
  const first = await pool.acquire();
  const waiting = pool.acquire(receiver);
  assert.equal(received.length, 0);
  pool.release(first);
  const [loan] = received;
  assert.equal(loan?.item, first.item);
  assert.equal(await waiting, undefined);
  if (loan !== undefined) pool.release(loan);
  // Where one lies ready, it is given at once as to everybody, and by no call.
  const ready = pool.acquire(receiver);
  assert.ok(ready instanceof Loan);
  assert.equal(received.length, 1);
});

test("who would receive his loan by a call and is refused hears of that from what he waits for", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 1 });
  let received = 0;
  await pool.acquire();
  const waiting = watch(pool.acquire({ receive: () => void received++ }));
  await clock.advance(1000);
  assert.match(String(waiting.error), /MaxConnectionsExceededError/);
  assert.equal(received, 0);
});

test("nobody is overtaken by a caller who comes as a connection comes back", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  const early = watch(pool.acquire());
  pool.release(loan);
  const late = watch(pool.acquire());
  await settle();
  assert.equal(early.state, "fulfilled");
  assert.equal(late.state, "pending");
});

test("no more than connectConcurrency attempts are under way at once", async () => {
  const { pool, resource } = rig({ connectConcurrency: 3 });
  const doors = Array.from({ length: 10 }, gate);
  resource.opens = () => doors[resource.attempts - 1]?.promise ?? Promise.reject(new Error("no door"));
  const all = watch(loans(pool, 10));
  await settle();
  assert.equal(resource.attempts, 3);
  doors[1]?.open();
  await settle();
  assert.equal(resource.attempts, 4);
  for (const door of doors) door.open();
  await settle();
  await settle();
  await settle();
  assert.equal(all.state, "fulfilled");
  assert.equal(resource.opened, 10);
});

test("a connection that comes back serves who waits for one being opened, which is kept for the next", async () => {
  const { pool, resource } = rig({ maxConnections: 2 });
  const first = await pool.acquire();
  const door = gate();
  resource.opens = () => door.promise;
  const second = watch(pool.acquire());
  pool.release(first);
  await settle();
  assert.equal(second.value?.item, first.item);
  door.open();
  await settle();
  assert.deepEqual([pool.stats().open, pool.stats().idle], [2, 1]);
});

test("giving back twice is harmless, also when the connection has a new holder", async () => {
  const { pool } = rig({ maxConnections: 1 });
  const first = await pool.acquire();
  pool.release(first);
  const second = await pool.acquire();
  pool.release(first);
  await pool.destroy(first);
  assert.equal(second.held, true);
  assert.equal(pool.stats().inUse, 1);
});
