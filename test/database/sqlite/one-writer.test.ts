import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseError, SQLiteDatabase } from "apocryphan";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { until } from "../../support/wait.ts";
import { openFile, POOLED_WAYS } from "./open.ts";

for (const { title, options } of POOLED_WAYS) {
  describe(`writers of one file, ${title}`, () => {
    test("nobody hears of busy, however many write at once, in transactions and outside", async (t) => {
      // Much less patience than the whole takes: it is not the length of the line that counts.
      const { db } = await openFile(t, {
        ...options,
        maxConnections: 12,
        timeout: 0,
        driver: { timeout: 400 },
      });
      await db.withConnection(() => db.sql("create table t (who int, n int)"));
      const all = Array.from({ length: 120 }, (_, who) =>
        db.withConnection(async () => {
          if (who % 3 === 0) return db.sql`insert into t values (${who}, 0)`;
          return db.atomic(async () => {
            const { n } = await db.get<{ n: number }>`select count(*) as n from t`;
            await db.sql`insert into t values (${who}, ${n})`;
            // A transaction that takes a while, with nothing of it under way in between.
            if (who % 10 === 1) await new Promise((resolve) => setTimeout(resolve, 60));
            await db.sql`update t set n = n + 1 where who = ${who}`;
          });
        }),
      );
      await Promise.all(all);
      await db.withConnection(async () => {
        assert.deepEqual(await db.get`select count(*) as n, count(distinct who) as w from t`, {
          n: 120,
          w: 120,
        });
      });
    });

    test("they come in the order in which they asked", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 12 });
      await db.withConnection(() => db.sql("create table t (who int)"));
      const first = Promise.withResolvers<void>();
      const met = Promise.withResolvers<void>();
      const holder = db.withConnection(() =>
        db.atomic(async () => {
          await db.sql`insert into t values (-1)`;
          met.resolve();
          await first.promise;
        }),
      );
      await met.promise;
      const order: number[] = [];
      const others: Promise<void>[] = [];
      for (let who = 0; who < 10; who++) {
        const asked = Promise.withResolvers<void>();
        others.push(
          db.withConnection(async () => {
            const writing =
              who % 2 === 0
                ? db.sql`insert into t values (${who})`
                : db.atomic(() => db.sql`insert into t values (${who})`);
            asked.resolve();
            await writing;
            order.push(who);
          }),
        );
        await asked.promise;
      }
      first.resolve();
      await Promise.all([holder, ...others]);
      await db.withConnection(async () => {
        const rows = await db.select<{ who: number }>`select who from t order by rowid`;
        assert.deepEqual(
          rows.map(({ who }) => who),
          [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        );
      });
    });

    test("readers go on beside a writer, and see what was there before", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 5 });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(() =>
        db.atomic(async () => {
          await db.sql`insert into t values (1)`;
          const seen = await db.context(() =>
            Promise.all([1, 2, 3].map(() => db.withConnection(() => db.get`select count(*) as n from t`))),
          );
          assert.deepEqual(seen, [{ n: 0 }, { n: 0 }, { n: 0 }]);
        }),
      );
    });

    test("a holder who waits for a second writer of its own is told, and neither hangs", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 3, driver: { timeout: 150 } });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(() =>
        db.atomic(async () => {
          await db.sql`insert into t values (1)`;
          const error = await db
            .withConnection(() => db.sql`insert into t values (2)`, { fresh: true })
            .catch((e: unknown) => e);
          assert.ok(error instanceof DatabaseError);
          assert.equal(error.kind, "lockTimeout");
          assert.match(error.message, /locked.*for \d+ ms/);
        }),
      );
      await db.withConnection(async () => {
        await db.sql`insert into t values (3)`;
        assert.deepEqual(await db.select`select a from t`, [{ a: 1 }, { a: 3 }]);
      });
    });

    test("a statement in line is given up by its signal and its timeout, and writes nothing", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 3 });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(() =>
        db.atomic(async () => {
          await db.sql`insert into t values (1)`;
          await db.withConnection(
            async (other) => {
              await assert.rejects(other.sql("insert into t values (2)", { timeout: "30ms" }), {
                code: "STATEMENT_TIMEOUT",
              });
              const controller = new AbortController();
              const waiting = other.sql("insert into t values (3)", { signal: controller.signal });
              setImmediate(() => controller.abort());
              await assert.rejects(waiting, { name: "AbortError" });
              assert.deepEqual(await other.get`select count(*) as n from t`, { n: 0 });
            },
            { fresh: true },
          );
        }),
      );
      await db.withConnection(async () => assert.deepEqual(await db.select`select a from t`, [{ a: 1 }]));
    });

    test("what is left of a holder lets the next one write: given back, closed, taken away", async (t) => {
      const { db, file } = await openFile(t, { ...options, driver: { timeout: 20_000 } });
      const other = new PooledSQLiteDatabase({ ...options, database: file });
      t.after(() => other.closeAll());
      await db.withConnection(() => db.sql("create table t (a int)"));
      for (const end of [() => other.close(), () => other.manualClose(), () => other.closeAll()]) {
        await other.connect();
        await other.sql("begin immediate");
        await other.sql("insert into t values (1)");
        const next = db.withConnection(() => db.sql("insert into t values (2)"));
        await until("it is in line", () => db.stats().inUse === 1);
        await end();
        await next;
        await other.close();
      }
      await db.withConnection(async () => {
        assert.deepEqual(await db.get`select count(*) as n, min(a) as a from t`, { n: 3, a: 2 });
      });
    });

    test("one that reads first and writes later is told to begin again, when it must", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 3 });
      await db.withConnection(() => db.sql("create table t (a int)"));
      await db.withConnection(async (one) => {
        await one.sql("begin");
        await one.select("select * from t");
        await db.withConnection((two) => two.sql("insert into t values (1)"), { fresh: true });
        const error = await one.sql("insert into t values (2)").catch((e: unknown) => e);
        assert.ok(error instanceof DatabaseError);
        assert.equal(error.kind, "serialization");
        assert.equal(error.retryable, true);
        await one.sql("rollback");
        await one.sql("insert into t values (3)");
      });
    });

    test("statements that write and give rows are writers too", async (t) => {
      const { db } = await openFile(t, {
        ...options,
        maxConnections: 8,
        timeout: 0,
        driver: { timeout: 300 },
      });
      await db.withConnection(() => db.sql("create table t (a integer primary key)"));
      const ids = await Promise.all(
        Array.from({ length: 40 }, () =>
          db.withConnection(() => db.insert`insert into t default values returning a`),
        ),
      );
      assert.equal(new Set(ids).size, 40);
      await db.withConnection(async (one) => {
        for await (const { a } of one.cursor<{ a: number }>(
          "with more as (select 1) insert into t default values returning a",
          { batch: 1 },
        )) {
          assert.equal(a, 41);
        }
        await db.withConnection((two) => two.sql("insert into t default values"), { fresh: true });
      });
    });
  });
}

test("database objects of one file share its line, with a pool or without", async (t) => {
  const { db, file } = await openFile(t, { maxConnections: 5, timeout: 0, driver: { timeout: 200 } });
  const plain = new SQLiteDatabase({ database: file, driver: { timeout: 200 } });
  await plain.sql("create table t (a int)");
  await plain.sql("pragma journal_mode = wal");
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      i % 2 === 0
        ? plain.atomic(async () => {
            await plain.sql`insert into t values (${i})`;
            await new Promise((resolve) => setTimeout(resolve, 10));
          })
        : db.withConnection(() => db.sql`insert into t values (${i})`),
    ),
  );
  assert.deepEqual(await plain.get`select count(*) as n from t`, { n: 60 });
});

test("another process's lock is waited for, up to the busy timeout, by the whole line together", async (t) => {
  const { db, file } = await openFile(t, { maxConnections: 6, timeout: 0, driver: { timeout: 300 } });
  await db.withConnection(() => db.sql("create table t (a int)"));
  const { DatabaseSync } = await import("node:sqlite");
  const stranger = new DatabaseSync(file);
  t.after(() => stranger.close());
  stranger.exec("begin immediate");
  const conns = await Promise.all(Array.from({ length: 5 }, () => db.context(() => db.connect())));
  const started = performance.now();
  const all = Promise.allSettled(conns.map((conn, i) => conn.sql`insert into t values (${i})`));
  for (const result of await all) {
    assert.equal(result.status, "rejected");
    assert.equal(result.reason.kind, "lockTimeout");
  }
  assert.ok(performance.now() - started < 1200, "not one timeout after the other");
  await Promise.all(conns.map((conn) => conn.close()));
  const later = db.withConnection(() => db.sql`insert into t values (9)`);
  stranger.exec("commit");
  await later;
  await until("the line is as before", () => db.stats().inUse === 0);
});
