import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type PoolOptionsInput, parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool } from "../../../src/pool/pool.ts";
import type { Resource } from "../../../src/pool/resource.ts";
import { loans, rig, settle, watch } from "./support.ts";

test('validate "always" asks before each loan of an idle connection, and passes over who does not answer', async () => {
  const { pool, resource } = rig({ validate: "always" });
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  pool.release(a);
  pool.release(b);
  resource.checks = async (thing) => thing !== b.item;
  const next = await pool.acquire();
  assert.deepEqual([a.item.checks + b.item.checks >= 1, b.item.alive], [true, false]);
  assert.equal(next.item.alive, true);
});

test('validate "idle" asks only what has lain for more than a second', async () => {
  const { pool, clock } = rig({ validate: "idle" });
  const loan = await pool.acquire();
  pool.release(loan);
  clock.block(1000);
  pool.release(await pool.acquire());
  assert.equal(loan.item.checks, 0);
  clock.block(1001);
  pool.release(await pool.acquire());
  assert.equal(loan.item.checks, 1);
});

test('validate "never" asks nobody, but looks after a silence, one poll phase later', async () => {
  const { pool, clock } = rig();
  const loan = await pool.acquire();
  pool.release(loan);
  clock.sleep(50);
  const soon = pool.acquire();
  assert.ok(!(soon instanceof Promise));
  pool.release(soon);
  clock.block(5);
  const late = pool.acquire();
  assert.ok(late instanceof Promise);
  loan.item.alive = false;
  assert.equal((await late).item.id, 2);
  assert.equal(loan.item.checks, 0);
});

test("one poll phase serves all who come after it", async () => {
  const { pool, clock } = rig();
  for (const loan of await loans(pool, 3)) pool.release(loan);
  clock.block(1000);
  await loans(pool, 2);
  assert.ok(!(pool.acquire() instanceof Promise));
});

test("an event loop that was asleep has heard all, unless it was for so long that the process may have been frozen", async () => {
  const { pool, clock } = rig();
  pool.release(await pool.acquire());
  for (const ms of [1, 20, 20]) {
    clock.sleep(ms);
    const loan = pool.acquire();
    assert.ok(!(loan instanceof Promise), `after ${ms} ms`);
    pool.release(loan);
    await settle();
  }
  clock.sleep(51);
  assert.ok(pool.acquire() instanceof Promise);
});

test("who comes after others in a turn that took long gets no connection before the loop has heard the network", async () => {
  const { pool, clock } = rig();
  pool.release(await pool.acquire());
  for (let i = 0; i < 4; i++) {
    clock.block(1);
    const loan = pool.acquire();
    assert.ok(!(loan instanceof Promise));
    pool.release(loan);
  }
  clock.block(1);
  assert.ok(pool.acquire() instanceof Promise);
});

test("a connection given back after a block goes to no waiter before the loop has heard the network", async () => {
  const { pool, clock } = rig({ maxConnections: 1, timeout: 0 });
  const first = await pool.acquire();
  const waiter = watch(pool.acquire());
  clock.block(20);
  pool.release(first);
  first.item.alive = false;
  await settle();
  assert.equal(waiter.value?.item.id, 2);
});

test("a caller who gives up during the poll phase leaves the connection idle", async () => {
  const { pool, clock } = rig();
  pool.release(await pool.acquire());
  clock.block(1000);
  const abort = new AbortController();
  const caller = watch(pool.acquire({ signal: abort.signal }));
  abort.abort();
  await settle();
  assert.equal(caller.state, "rejected");
  assert.equal(pool.stats().idle, 1);
});

/** Real sockets, which know only what the event loop has told them. */
function sockets(port: number): Resource<Socket> {
  return {
    async open() {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.on("error", () => undefined).resume();
      return socket;
    },
    async close(socket) {
      socket.destroy();
    },
    usable: (socket) => !socket.destroyed && socket.readyState === "open",
    check: async () => true,
    reset: () => true,
    onLost: (socket, lost) => void socket.once("close", () => lost(new Error("closed"))),
  };
}

/** Twenty connections that were lent and given back, and the server's ends of them. */
async function twenty(t: TestContext, options: PoolOptionsInput = {}) {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on("error", () => undefined))).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const pool = new Pool(sockets(port), parsePoolOptions({ ...options }));
  t.after(() => pool.closeAll());
  const held = await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
  while (accepted.length < 20) await pause(1);
  return { pool, port, accepted, held };
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

for (const ms of [5, 20, 49, 100]) {
  for (const phase of ["timer", "network callback"] as const) {
    test(`after a block of ${ms} ms, none of twenty connections that the server has closed is lent (in a ${phase})`, async (t) => {
      const { pool, port, accepted, held } = await twenty(t);
      for (const loan of held) pool.release(loan);
      if (phase === "timer") await pause(1);
      else {
        const caller = connect(port, "127.0.0.1");
        await once(caller, "connect");
        t.after(() => caller.destroy());
      }
      // The server closes, and the block begins before the loop could hear of it.
      for (const socket of accepted) socket.destroy();
      block(ms);
      const again = await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
      const stale = new Set(held.map((loan) => loan.item));
      assert.equal(again.filter((loan) => stale.has(loan.item)).length, 0);
    });
  }

  test(`after a block of ${ms} ms, none of twenty connections that the server has closed is handed on`, async (t) => {
    const { pool, accepted, held } = await twenty(t, { timeout: "20s" });
    const waiting = Array.from({ length: 20 }, () => pool.acquire());
    for (const socket of accepted) socket.destroy();
    block(ms);
    for (const loan of held) pool.release(loan);
    const stale = new Set(held.map((loan) => loan.item));
    assert.equal((await Promise.all(waiting)).filter((loan) => stale.has(loan.item)).length, 0);
  });
}
