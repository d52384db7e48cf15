import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError } from "../../../src/base/error.ts";
import { gate, rig, settle, watch } from "./support.ts";

const refused = async (): Promise<never> => {
  throw new ConnectError("The server at localhost:5432 refused the connection.");
};

/** Waits for holders for ever, but not for a server. */
const request = { timeout: 0, failFast: true };

test("who waits for holders for ever is told of a failed connect at once", async () => {
  const { pool, resource } = rig();
  resource.opens = refused;
  await assert.rejects(async () => pool.acquire(request), ConnectError);
});

test("with all on loan it waits for a holder, also while the server can't be reached", async () => {
  const { pool, resource } = rig({ maxConnections: 1 });
  const loan = await pool.acquire(request);
  resource.opens = refused;
  const next = watch(pool.acquire(request));
  await settle();
  assert.equal(next.state, "pending");
  pool.release(loan);
  await settle();
  assert.equal(next.state, "fulfilled");
});

test("a failed connect is one caller's while others wait for what is on loan", async () => {
  const { pool, resource } = rig({ maxConnections: 2, connectConcurrency: 1 });
  const loan = await pool.acquire(request);
  const door = gate();
  let attempts = 0;
  resource.opens = async () => {
    attempts++;
    if (attempts > 1) await door.promise;
    return refused();
  };
  const [first, second] = [watch(pool.acquire(request)), watch(pool.acquire(request))];
  await settle();
  assert.deepEqual([first.state, second.state], ["rejected", "pending"]);
  pool.release(loan);
  await settle();
  assert.equal(second.state, "fulfilled");
  door.open();
});

test("a failed connect is everybody's where nothing is on loan", async () => {
  const { pool, resource } = rig({ maxConnections: 2 });
  resource.opens = refused;
  const asked = Array.from({ length: 12 }, () => pool.acquire(request));
  const results = await Promise.allSettled(asked);
  assert.ok(results.every(({ status }) => status === "rejected"));
  assert.ok(resource.attempts <= 2, `${resource.attempts} attempts`);
});

test("after three failures the next caller is refused without an attempt", async () => {
  const { pool, resource } = rig({ maxConnections: 1 });
  const loan = await pool.acquire(request);
  pool.destroy(loan);
  await settle();
  resource.opens = refused;
  for (let i = 0; i < 3; i++) await assert.rejects(async () => pool.acquire(request), ConnectError);
  const before = resource.attempts;
  await assert.rejects(async () => pool.acquire(request), ConnectError);
  assert.equal(resource.attempts, before);
});

test("closing what lies idle can spare some", async () => {
  const { pool } = rig({ maxConnections: 4 });
  const loans = await Promise.all(Array.from({ length: 4 }, () => pool.acquire()));
  for (const loan of loans) pool.release(loan);
  assert.equal(await pool.closeIdle(3), 1);
  assert.equal(pool.stats().idle, 3);
  assert.equal(await pool.closeIdle(3), 0);
});
