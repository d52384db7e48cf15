import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { until } from "../../support/wait.ts";
import { connectionOf, counts, database, ended, openPool, openPromisePool, sessions } from "./support.ts";

test("events tell of connections, loans and callers who have to wait", async (t) => {
  const pool = openPool(t, { connectionLimit: 1 });
  const told: string[] = [];
  for (const name of ["connection", "acquire", "release", "enqueue"]) pool.on(name, () => told.push(name));
  const first = await connectionOf(pool);
  const waiting = connectionOf(pool);
  assert.deepEqual(counts(pool), { all: 1, free: 0, queued: 1 });
  first.release();
  const second = await waiting;
  second.release();
  assert.deepEqual(told, ["connection", "acquire", "enqueue", "acquire", "release"]);
});

test("those who wait are served in the sequence in which they came", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  const holder = await pool.getConnection();
  const order: number[] = [];
  const all = [1, 2, 3].map(async (n) => {
    const connection = await pool.getConnection();
    order.push(n);
    connection.release();
  });
  holder.release();
  await Promise.all(all);
  assert.deepEqual(order, [1, 2, 3]);
});

test("never more than connectionLimit on the server, whatever is asked for", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 3 });
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const connection = await pool.getConnection();
      most = Math.max(most, await sessions());
      connection.release();
    }),
  );
  assert.equal(most, 3);
});

test("what is changed in config before the first connection is asked for holds", async (t) => {
  const pool = openPool(t, { connectionLimit: 5 });
  pool.config.connectionLimit = 1;
  pool.config.queueLimit = 1;
  const connection = await connectionOf(pool);
  const waiting = connectionOf(pool);
  assert.deepEqual(counts(pool), { all: 1, free: 0, queued: 1 });
  await assert.rejects(connectionOf(pool), { message: "Queue limit reached." });
  connection.release();
  (await waiting).release();
});

test("waitForConnections: false refuses in mysql2's words", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1, waitForConnections: false });
  const connection = await pool.getConnection();
  await assert.rejects(pool.getConnection(), { message: "No connections available." });
  await assert.rejects(pool.query("select 1"), { message: "No connections available." });
  connection.release();
});

test("queueLimit refuses in mysql2's words, and counts only those behind holders", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 2, queueLimit: 1 });
  const held = await Promise.all([pool.getConnection(), pool.getConnection()]);
  const waiting = pool.getConnection();
  await assert.rejects(pool.getConnection(), { message: "Queue limit reached." });
  for (const connection of held) connection.release();
  (await waiting).release();
});

test("a failed connect is told at once, by mysql2's own error", async (t) => {
  const wrong = new URL(database.url);
  wrong.password = "wrong";
  const pool = openPromisePool(t, { uri: wrong.href });
  await assert.rejects(pool.getConnection(), (error) => {
    const { code, errno } = error as { code?: unknown; errno?: unknown };
    assert.deepEqual([code, errno], ["ER_ACCESS_DENIED_ERROR", 1045]);
    assert.match(inspect(error), /Access denied for user/);
    return true;
  });
  const nobody = openPromisePool(t, { uri: undefined, host: "127.0.0.1", port: 1 });
  await assert.rejects(nobody.query("select 1"), { code: "ECONNREFUSED" });
});

test("a server that says nothing is given up after connectTimeout, in mysql2's words", async (t) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await until("it to listen", () => silent.listening);
  const { port } = silent.address() as { port: number };
  const pool = openPromisePool(t, { uri: undefined, host: "127.0.0.1", port, connectTimeout: 100 });
  await assert.rejects(pool.getConnection(), { code: "ETIMEDOUT", message: "connect ETIMEDOUT" });
});

test("maxIdle and idleTimeout let the pool shrink", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 4, maxIdle: 2, idleTimeout: 1500 });
  const held = await Promise.all(Array.from({ length: 4 }, () => pool.getConnection()));
  for (const connection of held) connection.release();
  assert.equal(counts(pool.pool).free, 4);
  await until("two to be closed", () => counts(pool.pool).free === 2);
  await until("the others to be closed", async () => (await sessions()) === 0);
});

test("after the end everybody is told that the pool is closed, and the server has nobody left", async (t) => {
  const pool = openPool(t, { connectionLimit: 1 });
  const holder = await connectionOf(pool);
  const waiting = connectionOf(pool);
  const running = holder.promise().query("select sleep(0.2) as slept");
  const over = ended(pool);
  await assert.rejects(waiting, { message: "Pool is closed." });
  await assert.rejects(connectionOf(pool), { message: "Pool is closed." });
  await assert.rejects(pool.promise().query("select 1"), { message: "Pool is closed." });
  assert.deepEqual((await running)[0], [{ slept: 0 }]);
  await over;
  assert.equal(await sessions(), 0);
  holder.release();
  await ended(pool);
});

test("statements that found a connection are answered although the pool is ended in the same turn", async (t) => {
  const pool = openPool(t, { connectionLimit: 2 });
  for (const connection of await Promise.all([connectionOf(pool), connectionOf(pool)])) connection.release();
  const answers = Promise.all([pool.promise().query("select 1 as n"), pool.promise().query("select 2 as n")]);
  await ended(pool);
  assert.deepEqual(
    (await answers).map(([rows]) => rows),
    [[{ n: 1 }], [{ n: 2 }]],
  );
});

test("a statement that was given a connection at once is answered although the pool is ended in the same turn", async (t) => {
  const pool = openPool(t, { connectionLimit: 1 });
  (await connectionOf(pool)).release();
  // In a turn of its own, in which nothing has to be looked at first.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const answer = pool.promise().query("select 1 as n");
  await ended(pool);
  assert.deepEqual((await answer)[0], [{ n: 1 }]);
});

test("who asks is called back in the async context in which it asked", async (t) => {
  const { AsyncLocalStorage } = await import("node:async_hooks");
  const storage = new AsyncLocalStorage<number>();
  const pool = openPool(t, { connectionLimit: 1 });
  const seen = await Promise.all(
    [1, 2, 3].map((n) =>
      storage.run(
        n,
        () =>
          new Promise((resolve) => {
            pool.getConnection((_error, connection) => {
              resolve(storage.getStore());
              connection.release();
            });
          }),
      ),
    ),
  );
  assert.deepEqual(seen, [1, 2, 3]);
});
