import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { AbortError } from "../../../src/base/error.ts";
import { gate, rig, settle, watch } from "./support.ts";

test("a signal that is aborted already is an AbortError, and nothing is opened", async () => {
  const { pool, resource } = rig();
  const reason = new Error("enough");
  await assert.rejects(
    async () => pool.acquire({ signal: AbortSignal.abort(reason) }),
    (error) => {
      assert.ok(error instanceof AbortError);
      assert.deepEqual([error.name, error.cause], ["AbortError", reason]);
      return true;
    },
  );
  assert.equal(resource.attempts, 0);
});

test("a waiter that gives up takes nothing with it", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  const abort = new AbortController();
  const first = watch(pool.acquire({ signal: abort.signal }));
  const second = watch(pool.acquire());
  abort.abort();
  await settle();
  assert.ok(first.error instanceof AbortError);
  assert.deepEqual([pool.stats().waiting, pool.stats().aborted], [1, 1]);
  pool.release(loan);
  await settle();
  assert.equal(second.state, "fulfilled");
});

test("an attempt to connect goes on for the next when its caller gives up", async () => {
  const { pool, resource } = rig();
  const door = gate();
  resource.opens = () => door.promise;
  const abort = new AbortController();
  const first = watch(pool.acquire({ signal: abort.signal }));
  abort.abort();
  door.open();
  await settle();
  assert.equal(first.state, "rejected");
  assert.equal(pool.stats().idle, 1);
  assert.equal((await pool.acquire()).item.id, 1);
});

test("a signal that fires after the answer changes nothing, and no listener stays on it", async () => {
  const { pool } = rig({ maxConnections: 1, timeout: 0 });
  const loan = await pool.acquire();
  const abort = new AbortController();
  const waiting = pool.acquire({ signal: abort.signal });
  assert.equal(getEventListeners(abort.signal, "abort").length, 1);
  pool.release(loan);
  const next = await waiting;
  assert.equal(getEventListeners(abort.signal, "abort").length, 0);
  abort.abort();
  assert.equal(next.held, true);
  assert.equal(pool.stats().inUse, 1);
});
