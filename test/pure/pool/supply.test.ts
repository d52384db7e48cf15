import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { ConnectError } from "../../../src/base/error.ts";
import { gate, loans, type Rig, rig, settle, watch } from "./support.ts";

/** Three attempts have failed in a row, so the server is known to be down. */
async function certainlyDown({ pool, resource }: Rig): Promise<void> {
  resource.opens = () => Promise.reject(new ConnectError("The server refused the connection."));
  for (let i = 0; i < 3; i++) await assert.rejects(async () => pool.acquire(), ConnectError);
}

test("a server that is down refuses nobody for whom a connection lies idle and has only to be looked at", async () => {
  const made = rig();
  const loan = await made.pool.acquire();
  await certainlyDown(made);
  made.pool.release(loan);
  made.clock.time += 100;
  assert.equal((await made.pool.acquire()).item, loan.item);
});

test("nor anybody for whom one is being reset", async () => {
  const made = rig();
  const loan = await made.pool.acquire();
  await certainlyDown(made);
  made.resource.resets = async () => true;
  void made.pool.release(loan);
  assert.equal((await made.pool.acquire()).item, loan.item);
});

test("nor a statement that another statement's connection will serve, while a scope is refused", async () => {
  const made = rig();
  const loan = await made.pool.acquire({ brief: true });
  await certainlyDown(made);
  const brief = watch(made.pool.acquire({ brief: true }));
  await assert.rejects(async () => made.pool.acquire(), ConnectError);
  made.pool.release(loan);
  await settle();
  assert.equal(brief.value?.item, loan.item);
});

test("but a statement is refused where only scopes hold connections", async () => {
  const made = rig();
  await made.pool.acquire();
  await certainlyDown(made);
  await assert.rejects(async () => made.pool.acquire({ brief: true }), ConnectError);
});

test("a failed attempt spares who is about to be served by a connection being checked or reset", async () => {
  for (const way of ["reset", "check"]) {
    const { pool, resource, clock } = rig();
    const loan = await pool.acquire();
    const reset = gate();
    resource.resets = () => (way === "check" ? true : reset.promise.then(() => true));
    const released = pool.release(loan);
    if (way === "check") clock.time += 100;
    resource.opens = () => Promise.reject(new ConnectError("The server refused the connection."));
    const first = watch(pool.acquire());
    const second = watch(pool.acquire());
    await settle();
    reset.open();
    await released;
    await settle();
    assert.equal(first.value?.item, loan.item, way);
    assert.ok(second.error instanceof ConnectError, way);
  }
});

test("a statement opens nothing while a connection is being opened, reset or checked", async () => {
  for (const way of ["open", "reset", "check"]) {
    const { pool, resource, clock } = rig();
    const door = gate();
    if (way === "open") {
      resource.opens = () => door.promise;
      void pool.acquire({ brief: true });
    } else {
      const loan = await pool.acquire();
      resource.resets = () => (way === "check" ? true : door.promise.then(() => true));
      void pool.release(loan);
      if (way === "check") clock.time += 100;
    }
    const statement = watch(pool.acquire({ brief: true }));
    await settle();
    assert.equal(resource.attempts, 1, way);
    door.open();
    await settle();
    assert.equal(statement.state, way === "open" ? "pending" : "fulfilled", way);
  }
});

test("neither closeAll nor a drain leaves a timer when the server was down and the minimum not there", async () => {
  const { pool, resource, clock } = rig({ minConnections: 2 });
  resource.opens = () => Promise.reject(new ConnectError("The server refused the connection."));
  await pool.closeAll();
  pool.reopen();
  await clock.advance(1000);
  assert.equal(clock.timers.size, 1);
  await pool.closeAll();
  assert.equal(clock.timers.size, 0);
  pool.reopen();
  await clock.advance(10_000);
  assert.equal(clock.timers.size, 1);
  await pool.drain(10);
  assert.equal(clock.timers.size, 0);
});

test("reopening after closeAll and a drain keeps the minimum again", async () => {
  const { pool, clock } = rig({ minConnections: 2 });
  await clock.advance(1);
  await pool.closeAll();
  await pool.drain(10);
  pool.reopen();
  await clock.advance(1);
  assert.equal(pool.stats().idle, 2);
});

test("keepalive asks at most half of the idle ones at once, so that the others can be lent", async () => {
  const { pool, resource, clock } = rig({ keepalive: 60, maxConnections: 6 });
  for (const loan of await loans(pool, 6)) pool.release(loan);
  let asked = 0;
  resource.checks = () => {
    asked++;
    return new Promise(() => undefined);
  };
  await clock.advance(60_000);
  assert.equal(asked, 3);
});

test("without a timeout, a statement gets the ConnectError at once too", async () => {
  const { pool, resource } = rig();
  resource.opens = () => Promise.reject(new ConnectError("The server refused the connection."));
  const statement = watch(pool.acquire({ brief: true }));
  await settle();
  assert.ok(statement.error instanceof ConnectError);
});

test("of two idle connections, keepalive asks one and then the other", async () => {
  const { pool, resource, clock } = rig({ keepalive: 60 });
  for (const loan of await loans(pool, 2)) pool.release(loan);
  const door = gate();
  let asked = 0;
  resource.checks = () => {
    asked++;
    return door.promise.then(() => true);
  };
  await clock.advance(60_000);
  assert.equal(asked, 1);
  door.open();
  await clock.advance(100);
  assert.equal(asked, 2);
});

test("connections that are still being closed don't count for the minimum", async () => {
  const { pool, resource, clock } = rig({ minConnections: 2, idleTimeout: 10, connectTimeout: 60 });
  await clock.advance(1);
  const held = await loans(pool, 4);
  resource.closes = () => new Promise(() => undefined);
  for (const loan of held.slice(0, 2)) pool.release(loan);
  for (const loan of held.slice(2)) void pool.destroy(loan);
  await clock.advance(10_000);
  assert.deepEqual([pool.stats().idle, pool.stats().closing], [2, 2]);
});

test("a drained pool leaves no timer, whatever upkeep it had", async () => {
  const { pool, clock } = rig({ idleTimeout: 10, keepalive: 5, leakTimeout: 30, staleTimeout: 60 });
  const [held] = await loans(pool, 3);
  assert.ok(held);
  const drain = watch(pool.drain(1000));
  await clock.advance(1000);
  assert.deepEqual(drain.value, { cut: 1 + 2 });
  assert.equal(clock.timers.size, 0);
});

test("a connection is opened outside of the async context of who asked, which it would keep alive", async () => {
  const { pool, resource } = rig();
  const context = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  resource.opens = async () => seen.push(context.getStore());
  await context.run("a request", async () => {
    await pool.acquire();
    assert.equal(context.getStore(), "a request");
  });
  assert.deepEqual(seen, [undefined]);
});
