import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AbortError, MySQLDatabase, NoConnectionError, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import { MaxConnectionsExceededError, PooledDatabase } from "apocryphan/pool";
import { openPlain, openPooled, WAYS } from "../support/open.ts";

type Context = { after(fn: () => Promise<void>): void };

/** Settles for everybody when `count` have come, so that all hold what they hold at once. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = count;
  return () => {
    if (--missing === 0) resolve();
    return promise;
  };
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

for (const way of WAYS) {
  for (const form of ["plain", "pooled"] as const) {
    describe(`connections of ${way.title}, ${form}`, () => {
      const open = (t: Context) =>
        form === "plain" ? openPlain(way, t) : openPooled(way, t, { maxConnections: 20 });

      test("connect, conn and close are one connection, from the first to the last", async (t) => {
        const db = await open(t);
        assert.throws(() => db.conn, NoConnectionError);
        const held = await db.connect();
        assert.equal(db.conn.raw, held.raw);
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
        assert.deepEqual(await held.get`select 1 as one`, { one: 1 });
        assert.equal(await db.close(), true);
        assert.equal(await db.close(), false);
        assert.throws(() => db.conn, NoConnectionError);
        await assert.rejects(held.select`select 1`, { code: "CONNECTION_CLOSED" });
        assert.throws(() => held.raw, { code: "CONNECTION_CLOSED" });
      });

      test("connect() in a context that holds a connection gives that one", async (t) => {
        const db = await open(t);
        const first = await db.connect();
        const deeper = async () => {
          await pause();
          return (await db.connect()).raw;
        };
        assert.equal((await db.connect()).raw, first.raw);
        assert.equal(await deeper(), first.raw);
        assert.equal(await db.withConnection(({ raw }) => raw), first.raw);
        const fresh = await db.withConnection(({ raw }) => raw, { fresh: true });
        assert.notEqual(fresh, first.raw);
        await db.close();
      });

      test("twenty functions that each connect in one turn get twenty connections, cold and warm", async (t) => {
        const db = await open(t);
        for (const _ of ["cold", "warm"]) {
          const met = meeting(20);
          const all = await Promise.all(
            Array.from({ length: 20 }, async () => {
              await db.connect();
              try {
                await met();
                await db.select`select 1`;
                return db.conn.raw;
              } finally {
                await db.close();
              }
            }),
          );
          assert.equal(new Set(all).size, 20);
        }
      });

      test("withConnection and context are apart from each other, side by side", async (t) => {
        const db = await open(t);
        const met = meeting(5);
        const scoped = await Promise.all(
          Array.from({ length: 5 }, () =>
            db.withConnection(async ({ raw }) => {
              await met();
              assert.equal(db.conn.raw, raw);
              return raw;
            }),
          ),
        );
        assert.equal(new Set(scoped).size, 5);
        await db.connect();
        const metApart = meeting(5);
        const apart = await Promise.all(
          Array.from({ length: 5 }, () =>
            db.context(async () => {
              assert.throws(() => db.conn, NoConnectionError);
              await db.connect();
              await metApart();
              const { raw } = db.conn;
              await db.close();
              return raw;
            }),
          ),
        );
        assert.equal(new Set([...apart, db.conn.raw]).size, 6);
        assert.equal(await db.close(), true);
      });

      test("a handle's own close works in any context, and disposal ends only what it began", async (t) => {
        const db = await open(t);
        const handle = await db.context(() => db.connect());
        assert.throws(() => db.conn, NoConnectionError);
        assert.equal(await handle.close(), true);
        assert.equal(await handle.close(), false);
        const outer = await db.connect();
        const inner = await db.connect();
        await inner[Symbol.asyncDispose]();
        assert.deepEqual(await outer.get`select 1 as one`, { one: 1 });
        await outer[Symbol.asyncDispose]();
        await assert.rejects(inner.select`select 1`, { code: "CONNECTION_CLOSED" });
        await outer[Symbol.asyncDispose]();
      });

      test("withConnection gives back whatever its function does", async (t) => {
        const db = await open(t);
        const seen: { select(text: string): Promise<unknown> }[] = [];
        await assert.rejects(
          db.withConnection((conn) => {
            seen.push(conn);
            throw new Error("mine");
          }),
          /mine/,
        );
        await db.withConnection(async (conn) => {
          seen.push(conn);
          await db.close();
          await db.connect();
          await db.close();
        });
        for (const conn of seen) await assert.rejects(conn.select("select 1"), { code: "CONNECTION_CLOSED" });
        if (db instanceof PooledDatabase) assert.equal(db.stats().inUse, 0);
      });

      test("an aborted signal gives connect up", async (t) => {
        const db = await open(t);
        await assert.rejects(db.connect({ signal: AbortSignal.abort() }), AbortError);
        await assert.rejects(
          db.withConnection(() => 1, { signal: AbortSignal.abort() }),
          { name: "AbortError" },
        );
        assert.throws(() => db.conn, NoConnectionError);
        await db.connect();
        await db.close();
      });
    });
  }

  describe(`the pool of ${way.title}`, () => {
    test("its class is the database's and the pool's", async (t) => {
      const db = await openPooled(way, t);
      const Class = { postgresql: PostgreSQLDatabase, mysql: MySQLDatabase, sqlite: SQLiteDatabase }[
        db.dialect
      ];
      assert.ok(db instanceof Class);
      assert.ok(db instanceof PooledDatabase);
      assert.ok(!(new Class({ url: db.fresh.url }) instanceof PooledDatabase));
    });

    test("a connection is used again", async (t) => {
      const db = await openPooled(way, t);
      const one = await db.withConnection(({ raw }) => raw);
      assert.equal(await db.withConnection(({ raw }) => raw), one);
      assert.equal(db.stats().connects, 1);
    });

    test("connKey tells contexts apart and stays the same in one", async (t) => {
      const db = await openPooled(way, t);
      const mine = db.connKey;
      const others = await Promise.all([
        db.withConnection(async () => {
          const key = db.connKey;
          await pause();
          assert.equal(db.connKey, key);
          return key;
        }),
        db.withConnection(async () => {
          await pause();
          return db.connKey;
        }),
        db.context(() => db.connKey),
      ]);
      assert.equal(db.connKey, mine);
      assert.equal(new Set(others).size, 3);
    });

    test("full, it refuses at once; with a timeout it waits, first come first served", async (t) => {
      const db = await openPooled(way, t, { maxConnections: 1 });
      await db.withConnection(async () => {
        const error = await db.withConnection(() => 1, { fresh: true }).catch((e: unknown) => e);
        assert.ok(error instanceof MaxConnectionsExceededError);
        assert.match(error.message, /1/);
      });
      const patient = await openPooled(way, t, { maxConnections: 1, timeout: "5s" });
      const order: number[] = [];
      await Promise.all(
        [0, 1, 2, 3].map((i) =>
          patient.withConnection(async () => {
            order.push(i);
            await pause();
          }),
        ),
      );
      assert.deepEqual(order, [0, 1, 2, 3]);
      await patient.withConnection(async () => {
        await assert.rejects(
          patient.withConnection(() => 1, { fresh: true }),
          { code: "POOL_DEADLOCK" },
        );
      });
    });

    test("staleTimeout closes an old connection instead of lending it", async (t) => {
      const db = await openPooled(way, t, { staleTimeout: "30ms" });
      const one = await db.withConnection(({ raw }) => raw);
      await new Promise((resolve) => setTimeout(resolve, 40));
      assert.notEqual(await db.withConnection(({ raw }) => raw), one);
    });

    test("manualClose, closeIdle, closeStale and closeAll close, say so, and leave the pool usable", async (t) => {
      const db = await openPooled(way, t);
      assert.equal(await db.manualClose(), false);
      await db.connect();
      assert.equal(await db.manualClose(), true);
      assert.deepEqual([db.stats().open, db.stats().closes], [0, 1]);
      assert.equal(await db.close(), false);

      await db.withConnection(() => 1);
      assert.equal(await db.closeIdle(), 1);
      assert.equal(await db.closeIdle(), 0);

      await db.connect();
      assert.equal(await db.closeStale(), 0);
      await pause();
      assert.equal(await db.closeStale("1ms"), 1);
      await assert.rejects(db.select`select 1`, { code: "CONNECTION_LOST" });
      assert.equal(await db.close(), true);

      const held = await db.connect();
      await db.closeAll();
      await assert.rejects(held.select`select 1`, { code: "CONNECTION_LOST" });
      await assert.rejects(db.select`select 1`, { code: "CONNECTION_LOST" });
      await db.close();
      assert.equal(db.stats().open, 0);
      await db.withConnection(async () => assert.deepEqual(await db.get`select 1 as one`, { one: 1 }));
    });

    test("an open transaction is rolled back before the next holder", async (t) => {
      const db = await openPooled(way, t, { maxConnections: 1 });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(async () => {
        await db.sql("begin");
        await db.sql("insert into t values (1)");
      });
      await db.withConnection(async () => {
        assert.deepEqual(await db.select`select * from t`, []);
        await db.atomic(async () => db.sql("insert into t values (2)"));
        assert.deepEqual(await db.select`select * from t`, [{ a: 2 }]);
      });
      assert.equal(db.stats().connects, 1);
    });

    test("a statement outside a connection says what to do; with autoconnect the pool serves it", async (t) => {
      const off = await openPooled(way, t);
      await assert.rejects(off.select`select 1`, /withConnection.*autoconnect: true/s);
      const on = await openPooled(way, t, { autoconnect: true, maxConnections: 3, timeout: "5s" });
      const all = await Promise.all(
        Array.from({ length: 30 }, (_, i) => on.get`select ${i} as n`.then((row) => row)),
      );
      assert.deepEqual(
        all.map(({ n }) => Number(n)),
        Array.from({ length: 30 }, (_, i) => i),
      );
      assert.ok(on.stats().connects <= 3);
    });

    test("onConnect sees each new connection before anybody else does", async (t) => {
      let calls = 0;
      const db = await openPooled(way, t, {
        onConnect: async (conn) => {
          calls++;
          await conn.select`select 1`;
        },
      });
      await db.withConnection(() => 1);
      await db.withConnection(() => 1);
      assert.equal(calls, 1);
      const broken = await openPooled(way, t, {
        onConnect: () => {
          throw new Error("no");
        },
      });
      await assert.rejects(broken.connect(), { code: "CONNECT_FAILED" });
      assert.equal(broken.stats().open, 0);
    });
  });
}
