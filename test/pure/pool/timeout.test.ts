import assert from "node:assert/strict";
import { test } from "node:test";
import { MaxConnectionsExceededError } from "../../../src/pool/errors.ts";
import { gate, loans, rig, settle, watch } from "./support.ts";

test("without a timeout, a caller is refused at once where every connection is held", async () => {
  const { pool, clock } = rig({ maxConnections: 2 }, { name: "porg" });
  await loans(pool, 2);
  clock.time += 31_200;
  await assert.rejects(
    async () => pool.acquire(),
    (error) => {
      assert.ok(error instanceof MaxConnectionsExceededError);
      assert.equal(
        error.message,
        'Pool "porg" has no connection to lend, and without the option "timeout" nobody waits for one: 2 of 2 are in use, 0 being opened, 0 other callers waiting. The longest loan is 31.2 s old. Give connections back sooner, raise "maxConnections", or set "timeout". (POOL_EXHAUSTED)',
      );
      assert.deepEqual(
        [error.code, error.max, error.open, error.inUse, error.waiting, error.holders.length],
        ["POOL_EXHAUSTED", 2, 2, 2, 0, 2],
      );
      return true;
    },
  );
});

test("without a timeout, a caller waits for the connect as long as there is room", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 2 });
  const door = gate();
  resource.opens = () => door.promise;
  const caller = watch(pool.acquire());
  await clock.advance(5000);
  assert.equal(caller.state, "pending");
  door.open();
  await settle();
  assert.equal(caller.state, "fulfilled");
});

test("without a timeout, a place that nobody holds any more is waited for", async () => {
  const { pool, resource } = rig({ maxConnections: 1 });
  const door = gate();
  resource.closes = () => door.promise;
  const first = await pool.acquire();
  void pool.destroy(first);
  const second = watch(pool.acquire());
  await settle();
  assert.equal(second.state, "pending");
  door.open();
  await settle();
  assert.equal(second.state, "fulfilled");
  assert.equal(resource.most, 1);
});

test("a timeout that has passed is told with the time and the numbers", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 5 }, { name: "porg" });
  await pool.acquire({ context: "checkout" });
  const caller = watch(pool.acquire());
  await clock.advance(4999);
  assert.equal(caller.state, "pending");
  await clock.advance(1);
  assert.equal(caller.state, "rejected");
  assert.equal(
    (caller.error as Error).message,
    'Pool "porg" lent no connection within 5000 ms: 1 of 1 are in use, 0 being opened, 0 other callers waiting. The longest loan is 5.0 s old (checkout). Give connections back sooner, raise "maxConnections", or wait longer ("timeout"). (POOL_EXHAUSTED)',
  );
  assert.equal((caller.error as Error).cause, undefined);
  assert.equal(pool.stats().waiting, 0);
  assert.equal(pool.stats().timeouts, 1);
});

test("one budget covers the line, the connect and the check", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 1, timeout: 1, validate: "always" });
  const loan = await pool.acquire();
  resource.checks = () => new Promise(() => undefined);
  const caller = watch(pool.acquire());
  await clock.advance(600);
  resource.opens = () => new Promise(() => undefined);
  void pool.destroy(loan);
  await clock.advance(399);
  assert.equal(caller.state, "pending");
  assert.equal(resource.attempts, 2);
  await clock.advance(1);
  assert.equal(caller.state, "rejected");
});

test("a timeout of 0 waits for ever, and the request's own takes the option's place", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 1 });
  const loan = await pool.acquire();
  const patient = watch(pool.acquire({ timeout: 0 }));
  const hasty = watch(pool.acquire({ timeout: 20 }));
  await clock.advance(20);
  assert.equal(hasty.state, "rejected");
  await clock.advance(10_000_000);
  assert.equal(patient.state, "pending");
  pool.release(loan);
  await settle();
  assert.equal(patient.state, "fulfilled");
});

test("who waits beyond maxWaiting is refused at once, who waits only for a connect is not", async () => {
  const { pool } = rig({ maxConnections: 2, timeout: 1, maxWaiting: 2 });
  await loans(pool, 2);
  const waiting = [watch(pool.acquire()), watch(pool.acquire())];
  const third = watch(pool.acquire());
  await settle();
  assert.deepEqual(
    waiting.map((fate) => fate.state),
    ["pending", "pending"],
  );
  assert.ok(third.error instanceof MaxConnectionsExceededError);
  assert.match(third.error.message, /"maxWaiting" is reached: 2 of 2 are in use/);
});
