import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { parsePoolOptions } from "../../../src/pool/options.ts";
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
  clock.time += 1000;
  pool.release(await pool.acquire());
  assert.equal(loan.item.checks, 0);
  clock.time += 1001;
  pool.release(await pool.acquire());
  assert.equal(loan.item.checks, 1);
});

test('validate "never" asks nobody, but looks after a silence, one poll phase later', async () => {
  const { pool, clock } = rig();
  const loan = await pool.acquire();
  pool.release(loan);
  clock.time += 50;
  const soon = pool.acquire();
  assert.ok(!(soon instanceof Promise));
  pool.release(soon);
  clock.time += 51;
  const late = pool.acquire();
  assert.ok(late instanceof Promise);
  loan.item.alive = false;
  assert.equal((await late).item.id, 2);
  assert.equal(loan.item.checks, 0);
});

test("one poll phase serves all who come after it", async () => {
  let polls = 0;
  const { pool, clock } = rig(
    {},
    {
      afterPoll: (fn) => {
        polls++;
        setImmediate(fn);
      },
    },
  );
  for (const loan of await loans(pool, 3)) pool.release(loan);
  clock.time += 1000;
  await loans(pool, 2);
  assert.ok(!(pool.acquire() instanceof Promise));
  assert.equal(polls, 1);
});

test("a caller who gives up during the poll phase leaves the connection idle", async () => {
  const { pool, clock } = rig();
  pool.release(await pool.acquire());
  clock.time += 1000;
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

for (const phase of ["timer", "network callback"] as const) {
  test(`after a long block, none of twenty connections that the server has closed is lent (in a ${phase})`, async (t) => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket.on("error", () => undefined))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    t.after(() => server.close());
    const pool = new Pool(sockets((server.address() as AddressInfo).port), parsePoolOptions({}));
    t.after(() => pool.closeAll());
    const first = await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
    for (const loan of first) pool.release(loan);
    while (accepted.length < 20) await pause(1);
    // The server closes, and the block begins before the loop could hear of it.
    const blocked = (): void => {
      for (const socket of accepted) socket.destroy();
      const until = performance.now() + 100;
      while (performance.now() < until);
    };
    if (phase === "timer") {
      await pause(1);
      blocked();
    } else {
      const caller = connect((server.address() as AddressInfo).port, "127.0.0.1");
      await once(caller, "connect");
      blocked();
      caller.destroy();
    }
    const second = await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
    const stale = new Set(first.map((loan) => loan.item));
    assert.equal(second.filter((loan) => stale.has(loan.item)).length, 0);
  });
}
