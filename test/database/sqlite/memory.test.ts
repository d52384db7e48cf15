import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SQLiteDatabase } from "apocryphan";
import { MaxConnectionsExceededError, PooledSQLiteDatabase } from "apocryphan/pool";

type Context = { after(fn: () => Promise<void>): void };

for (const client of ["node:sqlite", "better-sqlite3"]) {
  describe(`a pooled database in memory, ${client}`, () => {
    const open = async (t: Context, options: object = {}) => {
      const db = new PooledSQLiteDatabase({ database: ":memory:", client, ...options });
      t.after(() => db[Symbol.asyncDispose]());
      await db.withConnection(() => db.sql("create table t (a int)"));
      return db;
    };
    const count = (db: PooledSQLiteDatabase) =>
      db.withConnection(async () => (await db.get<{ n: number }>("select count(*) as n from t")).n);

    test("is one for all contexts, which take turns without a timeout being set", async (t) => {
      const db = await open(t);
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          db.withConnection(async () => {
            await db.sql`insert into t values (${i})`;
            await new Promise((resolve) => setImmediate(resolve));
          }),
        ),
      );
      assert.equal(await count(db), 20);
      assert.equal(db.stats().connects, 1);
    });

    test("no option makes it stale, and no member but closeAll ends it", async (t) => {
      const db = await open(t, { staleTimeout: "1ms", maxLifetime: "1ms", idleTimeout: "1ms", maxUses: 1 });
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(await count(db), 0);
      assert.equal(await db.closeIdle(), 0);
      await db.connect();
      await db.sql("insert into t values (1)");
      assert.equal(await db.closeStale("1ms"), 0);
      assert.deepEqual(await db.get("select a from t"), { a: 1 });
      assert.equal(await db.manualClose(), true);
      assert.equal(await db.manualClose(), false);
      assert.equal(await db.close(), false);
      assert.equal(await count(db), 1);
      assert.equal(db.stats().connects, 1);
      await db.closeAll();
      await assert.rejects(count(db), /no such table/);
    });

    test("manualClose in the middle of a transaction and of a cursor rolls back and ends both", async (t) => {
      const db = await open(t);
      await db.withConnection(() => db.sql("insert into t values (1), (2), (3)"));
      await db.connect();
      await db.sql("begin");
      await db.sql("delete from t");
      const rows = db.cursor("select 1 union select 2", { batch: 1 })[Symbol.asyncIterator]();
      await rows.next();
      assert.equal(await db.manualClose(), true);
      await assert.rejects(async () => {
        while (!(await rows.next()).done);
      });
      assert.equal(await count(db), 3);
    });

    test("a setting or a temporary table does not end it either", async (t) => {
      const db = await open(t);
      await db.withConnection(() => db.sql("create temp table x (a)"));
      await db.withConnection(() => db.sql("pragma foreign_keys = off"));
      assert.equal(await count(db), 0);
    });

    test("the end of the database object ends it", async (t) => {
      const db = await open(t);
      await db[Symbol.asyncDispose]();
      await assert.rejects(count(db), /no such table/);
    });

    test("a waiter is refused after its timeout, and onConnect is called once", async (t) => {
      let calls = 0;
      const db = await open(t, { timeout: "20ms", onConnect: () => calls++ });
      await db.withConnection(async () => {
        await assert.rejects(
          db.context(() => db.withConnection(() => 1)),
          MaxConnectionsExceededError,
        );
      });
      assert.equal(await count(db), 0);
      assert.equal(calls, 1);
    });

    test("two objects are two databases", async (t) => {
      const one = await open(t);
      const two = await open(t);
      await one.withConnection(() => one.sql("insert into t values (1)"));
      assert.equal(await count(two), 0);
    });
  });

  test(`without a pool it lives as long as its object too, ${client}`, async (t) => {
    const db = new SQLiteDatabase({ database: ":memory:", client });
    t.after(() => db[Symbol.asyncDispose]());
    await db.sql("create table t (a int)");
    await db.connect();
    await db.sql("insert into t values (1)");
    await db.close();
    assert.deepEqual(await db.select("select a from t"), [{ a: 1 }]);
    for await (const { a } of db.cursor("select a from t")) {
      assert.deepEqual(await db.get("select 1 as one"), { one: a });
    }
  });
}
