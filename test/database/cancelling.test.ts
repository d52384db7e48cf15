import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AbortError, StatementTimeoutError } from "apocryphan";
import { KINDS } from "../support/database.ts";
import { openPooled } from "../support/open.ts";

const SLEEP = { postgresql: "select pg_sleep(30)", mysql: "select sleep(30)" };
const RUNNING = {
  postgresql:
    "select count(*)::int as n from pg_stat_activity where state = 'active' and query like 'select pg_sleep(30)%'",
  mysql: "select count(*) as n from information_schema.processlist where info like 'select sleep(30)%'",
};

for (const kind of KINDS.filter((kind) => kind !== "sqlite")) {
  describe(`cancelling on ${kind}`, () => {
    test("a timeout answers in time, ends the statement on the server, and the connection goes on", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 2 });
      const dialect = db.dialect as "postgresql" | "mysql";
      await db.withConnection(async ({ raw }) => {
        const started = performance.now();
        await assert.rejects(db.select(SLEEP[dialect], { timeout: "200ms" }), (error: unknown) => {
          assert.ok(error instanceof StatementTimeoutError);
          assert.equal(error.timeout, 0.2);
          assert.match(error.message, /200 ms/);
          return true;
        });
        assert.ok(performance.now() - started < 3000);
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
        assert.equal(db.conn.raw, raw);
        assert.equal(Number((await db.get<{ n: number }>(RUNNING[dialect])).n), 0);
      });
      assert.equal(db.stats().connects, 1);
    });

    test("an aborted signal does the same", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 2 });
      const dialect = db.dialect as "postgresql" | "mysql";
      await db.withConnection(async () => {
        const controller = new AbortController();
        const slow = db.select(SLEEP[dialect], { signal: controller.signal });
        setTimeout(() => controller.abort(new Error("enough")), 50);
        await assert.rejects(slow, (error: unknown) => {
          assert.ok(error instanceof AbortError);
          assert.equal(error.name, "AbortError");
          assert.equal((error.cause as Error).message, "enough");
          return true;
        });
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
      });
    });

    test("a cancellation never hits a neighbour on the same connection", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1 });
      const dialect = db.dialect as "postgresql" | "mysql";
      const short = dialect === "postgresql" ? "select pg_sleep(0.05), 7 as n" : "select sleep(0.05), 7 as n";
      await db.withConnection(async () => {
        for (let round = 0; round < 10; round++) {
          const [before, cut, after] = await Promise.allSettled([
            db.get(short),
            db.select(SLEEP[dialect], { timeout: 0.12 }),
            db.get(short),
          ]);
          assert.equal(before.status, "fulfilled");
          assert.equal(cut.status, "rejected");
          assert.equal(after.status, "fulfilled");
        }
      });
    });

    test("one that is still in line is given up without being sent", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1 });
      const dialect = db.dialect as "postgresql" | "mysql";
      await db.withConnection(async () => {
        await db.sql("create table t (a int)");
        const slow = db.select(dialect === "postgresql" ? "select pg_sleep(0.3)" : "select sleep(0.3)");
        await assert.rejects(db.sql("insert into t values (1)", { timeout: "50ms" }), StatementTimeoutError);
        await slow;
        assert.deepEqual(await db.select`select * from t`, []);
      });
    });

    test("outside a scope the connection comes back only when the statement is really over", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1, autoconnect: true, timeout: "10s" });
      const dialect = db.dialect as "postgresql" | "mysql";
      await assert.rejects(db.select(SLEEP[dialect], { timeout: "100ms" }), StatementTimeoutError);
      assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
      assert.equal(db.stats().connects, 1);
    });

    test("a cursor's signal ends it on the server", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1 });
      const dialect = db.dialect as "postgresql" | "mysql";
      await db.withConnection(async () => {
        const rows = db.cursor(SLEEP[dialect], { timeout: "100ms" });
        await assert.rejects(async () => {
          for await (const _ of rows) assert.fail("there is no row");
        }, StatementTimeoutError);
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
      });
    });

    test("closing under a running statement cancels it first", async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 2, timeout: "5s" });
      const dialect = db.dialect as "postgresql" | "mysql";
      const slow = db.withConnection(() => db.select(SLEEP[dialect]));
      slow.catch(() => {});
      while (true) {
        const { n } = await db.withConnection(() => db.get<{ n: number }>(RUNNING[dialect]));
        if (Number(n) === 1) break;
      }
      const started = performance.now();
      await db.closeAll();
      assert.ok(performance.now() - started < 3000);
      await assert.rejects(slow);
      assert.equal(db.stats().open, 0);
      const { n } = await db.withConnection(() => db.get<{ n: number }>(RUNNING[dialect]));
      assert.equal(Number(n), 0);
    });
  });
}

test("on SQLite a statement's timeout answers too, and the connection goes on", async (t) => {
  const db = await openPooled("sqlite", t, { maxConnections: 2 });
  await db.withConnection(async () => {
    const forever = AbortSignal.abort();
    await assert.rejects(db.select("select 1", { signal: forever }), AbortError);
    assert.deepEqual(await db.get("select 1 as one", { timeout: "5s" }), { one: 1 });
  });
});
