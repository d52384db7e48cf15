import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Pool } from "apocryphan/pg";
import pg from "pg";
import { openPool } from "./open.ts";

test("connect gives a client of pg's own class, by a promise or a callback", async (t) => {
  const { pool } = await openPool(t);
  const client = await pool.connect();
  assert.ok(client instanceof pg.Client);
  client.release();
  await new Promise<void>((resolve, reject) => {
    let inSameTurn = true;
    const returned: unknown = pool.connect((error, again, done) => {
      try {
        assert.equal(inSameTurn, false, "a callback is never called in its caller's own turn");
        assert.equal(error, undefined);
        assert.equal(again, client);
        done();
        resolve();
      } catch (failure) {
        reject(failure);
      }
    });
    inSameTurn = false;
    assert.equal(returned, undefined);
  });
});

test("a callback runs in its caller's async context, whoever gave the client back", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  const who = new AsyncLocalStorage<string>();
  const client = await pool.connect();
  const connected = new Promise((resolve) =>
    who.run("waiter", () =>
      pool.connect((_error, _client, done) => {
        done();
        resolve(who.getStore());
      }),
    ),
  );
  who.run("holder", () => client.release());
  assert.equal(await connected, "waiter");
  const queried = await new Promise((resolve) =>
    who.run("asker", () => pool.query("select 1", () => resolve(who.getStore()))),
  );
  assert.equal(queried, "asker");
});

test("callers are served in their order, and counted as pg-pool counts them", async (t) => {
  const { pool } = await openPool(t, { max: 2 });
  assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [0, 0, 0]);
  const order: number[] = [];
  const all = [0, 1, 2, 3, 4].map(async (i) => {
    const client = await pool.connect();
    order.push(i);
    return client;
  });
  assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [2, 0, 3]);
  const first = await all[0];
  const second = await all[1];
  assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [2, 0, 3]);
  first?.release();
  (await all[2])?.release();
  (await all[3])?.release();
  (await all[4])?.release();
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [2, 1, 0]);
  second?.release();
  assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [2, 2, 0]);
});

test("who waits too long for a holder is told so in pg-pool's words, and the pool's own error is the cause", async (t) => {
  const { pool } = await openPool(t, { max: 1, connectionTimeoutMillis: 2000 });
  const client = await pool.connect();
  await assert.rejects(pool.query("select 1"), (error: Error) => {
    assert.equal(error.message, "timeout exceeded when trying to connect");
    assert.equal((error.cause as { code?: string }).code, "POOL_EXHAUSTED");
    return true;
  });
  client.release();
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

test("a server that says nothing is given up after connectionTimeoutMillis, in pg-pool's words", async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.resume())).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const pool = new Pool({ host: "127.0.0.1", port, user: "u", connectionTimeoutMillis: 100 });
  await assert.rejects(pool.connect(), { message: "Connection terminated due to connection timeout" });
  await pool.end();
  assert.equal(pool.totalCount, 0);
});

test("a failure to connect is pg's own error, told at once although there is no limit to waiting", async (t) => {
  const { fresh } = await openPool(t);
  const wrong = new URL(fresh.url);
  wrong.password = "not-this-one";
  const pool = new Pool({ connectionString: wrong.href });
  const failures = await Promise.allSettled([pool.connect(), pool.query("select 1"), pool.connect()]);
  for (const failure of failures) {
    assert.equal(failure.status, "rejected");
    assert.ok(failure.reason instanceof pg.DatabaseError);
    assert.equal(failure.reason.code, "28P01");
  }
  await new Promise<void>((resolve) => {
    pool.connect((error, client, done) => {
      assert.ok(error instanceof Error);
      assert.equal(client, undefined);
      assert.equal(typeof done, "function");
      resolve();
    });
  });
  assert.equal(pool.totalCount, 0);
  const nobody = new Pool({ host: "127.0.0.1", port: 1 });
  await assert.rejects(nobody.query("select 1"), { code: "ECONNREFUSED" });
});

test("onConnect and verify see each new client once, before anybody has it; their failures are the caller's", async (t) => {
  const seen: string[] = [];
  let refuse = false;
  const { pool } = await openPool(t, {
    max: 1,
    onConnect: async (client) => {
      await client.query("set search_path to made_ready");
      seen.push("onConnect");
    },
    verify: (_client, done) => {
      seen.push("verify");
      done(refuse ? new Error("not this one") : undefined);
    },
  });
  for (let i = 0; i < 2; i++) {
    assert.equal((await pool.query("show search_path")).rows[0].search_path, "made_ready");
  }
  assert.deepEqual(seen, ["onConnect", "verify"]);
  (await pool.connect()).release(true);
  refuse = true;
  await assert.rejects(pool.connect(), /not this one/);
  refuse = false;
  (await pool.connect()).release();
  const { pool: failing } = await openPool(t, {
    onConnect: () => {
      throw new Error("not ready");
    },
  });
  await assert.rejects(failing.connect(), /not ready/);
  assert.equal(failing.totalCount, 0);
});
