import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Worker } from "node:worker_threads";
import { ConnectionLostError } from "apocryphan";
import type { PooledSQLiteDatabase } from "apocryphan/pool";
import { counting, openFile } from "../../database/sqlite/open.ts";
import { until } from "../../support/wait.ts";

const worker = (raw: unknown): Worker => (raw as { worker: Worker }).worker;

/** Everything works again: reading, writing, and as many connections as are allowed. */
async function healthy(db: PooledSQLiteDatabase): Promise<void> {
  await Promise.all(
    Array.from({ length: 6 }, () => db.withConnection(() => db.sql("insert into t values (7)"))),
  );
  assert.equal(db.stats().inUse, 0);
}

for (const client of ["node:sqlite", "better-sqlite3"]) {
  describe(`worker threads that die, ${client}`, () => {
    test("in the middle of a statement: its caller is told, nobody else, and the pool goes on", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 3, timeout: "20s" });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(async (other) => {
        await db.withConnection(
          async (conn) => {
            const running = Promise.allSettled([
              conn.select(counting(20_000_000)),
              conn.sql("insert into t values (1)"),
              conn.select("select 2"),
            ]);
            await worker(conn.raw).terminate();
            for (const result of await running) {
              assert.equal(result.status, "rejected");
              assert.ok(result.reason instanceof ConnectionLostError, String(result.reason));
            }
            await assert.rejects(conn.select("select 1"), { code: "CONNECTION_LOST" });
          },
          { fresh: true },
        );
        assert.deepEqual(await other.get("select 1 as one"), { one: 1 });
      });
      await healthy(db);
    });

    test("in the middle of a transaction: it is rolled back, and the next one may write", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 3, timeout: "20s" });
      await db.withConnection(() => db.sql("create table t (a int)"));
      let next: Promise<unknown> | undefined;
      await assert.rejects(
        db.withConnection((conn) =>
          conn.atomic(async () => {
            await conn.sql("insert into t values (1)");
            next = db.context(() => db.withConnection(() => db.sql("insert into t values (2)")));
            await until("it is in line", () => db.stats().inUse === 2);
            await worker(conn.raw).terminate();
            await conn.sql("insert into t values (3)");
          }),
        ),
        ConnectionLostError,
      );
      await next;
      await db.withConnection(async () => assert.deepEqual(await db.select("select a from t"), [{ a: 2 }]));
      await healthy(db);
    });

    test("under a cursor, and idle with all others in the same thread", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 4, workers: 1, timeout: "20s" });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await assert.rejects(
        db.withConnection(async (conn) => {
          for await (const { x } of conn.cursor<{ x: number }>(
            "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c",
            { batch: 10 },
          )) {
            if (x === 25) await worker(conn.raw).terminate();
          }
        }),
        ConnectionLostError,
      );
      await healthy(db);
      const raw = await db.withConnection((conn) => conn.raw);
      await worker(raw).terminate();
      await until("the pool knows", () => db.stats().open === 0);
      await healthy(db);
    });

    test("while it opens its first file", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 3, timeout: "20s" });
      const { raw } = await db.connect();
      await db.sql("create table t (a int)");
      await db.close();
      const opening = Promise.allSettled(
        Array.from({ length: 3 }, () => db.withConnection(() => db.select("select * from t"))),
      );
      await worker(raw).terminate();
      for (const result of await opening) {
        if (result.status === "rejected") assert.match(result.reason.code, /CONNECTION_LOST|CONNECT_FAILED/);
      }
      await healthy(db);
    });

    test("closed under a running statement: its caller is told at once, and its place is free afterwards", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 2, timeout: "20s" });
      await db.withConnection(() => db.sql("create table t (a int)"));
      const running = db.withConnection(() => db.select(counting(3_000_000)));
      const told = assert.rejects(running, ConnectionLostError);
      await until("it runs", () => db.stats().inUse === 1);
      const closed = db.closeAll();
      await told;
      await closed;
      assert.equal(db.stats().open, 0);
      await healthy(db);
    });
  });
}
