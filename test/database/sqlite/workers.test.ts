import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import type { Worker } from "node:worker_threads";
import { OptionError, SQLiteDatabase } from "apocryphan";
import { PooledMySQLDatabase, PooledPostgreSQLDatabase, PooledSQLiteDatabase } from "apocryphan/pool";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/wait.ts";
import { counting, openFile } from "./open.ts";

/** The thread a connection lives in. */
function threadOf(raw: unknown): Worker {
  return (raw as { worker: Worker }).worker;
}

for (const client of ["node:sqlite", "better-sqlite3"]) {
  describe(`worker threads, ${client}`, () => {
    test("a long statement does not hold up this thread", async (t) => {
      const { db } = await openFile(t, { client });
      await db.withConnection(async () => {
        await db.select(counting(10));
        let longest = 0;
        let last = performance.now();
        const look = (): void => {
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
        };
        const timer = setInterval(look, 1);
        const started = performance.now();
        await db.select(counting(3_000_000));
        look();
        clearInterval(timer);
        const took = performance.now() - started;
        // Loose, for a machine that has other things to do; in this thread it is all of it.
        assert.ok(longest < Math.max(60, took / 3), `${longest} ms of ${took} ms`);
      });
    });

    test("what has come while a statement ran is answered together, however many messages it came in", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 1 });
      await db.withConnection(async (connection) => {
        let messages = 0;
        threadOf(connection.raw).on("message", () => messages++);
        const slow = connection.select(counting(3_000_000));
        let slowIsDone = false;
        void slow.then(() => {
          slowIsDone = true;
        });
        const small: Promise<unknown>[] = [];
        for (let i = 0; i < 64; i++) {
          small.push(connection.get<{ i: number }>("select ? as i", [i]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.equal(slowIsDone, false, "The slow one was too fast for this test.");
        assert.deepEqual(
          await Promise.all(small),
          Array.from({ length: 64 }, (_, i) => ({ i })),
        );
        // The slow one's, and 64 in sixteens; a few more where the machine is slow. One by one it would be 65.
        assert.ok(messages < 32, `${messages} messages`);
      });
    });

    test("each connection has a thread of its own until there are as many as allowed", async (t) => {
      const { db } = await openFile(t, { client, maxConnections: 5, workers: 2 });
      const met = Promise.withResolvers<void>();
      let missing = 5;
      const raws = await Promise.all(
        Array.from({ length: 5 }, () =>
          db.withConnection(async ({ raw }) => {
            if (--missing === 0) met.resolve();
            await met.promise;
            return raw;
          }),
        ),
      );
      assert.equal(new Set(raws).size, 5);
      const threads = raws.map(threadOf);
      assert.equal(new Set(threads).size, 2);
      assert.deepEqual(
        [...new Set(threads)].map((thread) => threads.filter((one) => one === thread).length).sort(),
        [2, 3],
      );
    });

    test("the threads end with the connections, and one is used again by the next", async (t) => {
      const { db, file } = await openFile(t, { client, maxConnections: 2 });
      const raw = await db.withConnection((conn) => conn.raw);
      assert.deepEqual(
        { ...(raw as object), worker: 0, file: (raw as { file: string }).file },
        { client, worker: 0, file },
      );
      await db.closeIdle();
      const next = await db.withConnection((conn) => conn.raw);
      assert.notEqual(next, raw);
      assert.equal(threadOf(next), threadOf(raw));
      await db.closeAll();
      await until("the thread has ended", () => threadOf(raw).threadId === -1);
    });

    test("values of every type and size go there and come back", async (t) => {
      const { db } = await openFile(t, { client });
      await db.withConnection(async () => {
        await db.sql("create table t (id integer primary key, v)");
        const large = Buffer.alloc(100_000, 7);
        const pooled = Buffer.from("a slice of Node's own pool");
        const values = [
          null,
          0,
          -1,
          1.5,
          2 ** 52,
          9_007_199_254_740_993n,
          -(2n ** 63n),
          Number.POSITIVE_INFINITY,
          "",
          "日本 🦊",
          "x".repeat(100_000),
          new Uint8Array(0),
          pooled,
          large,
          true,
          new Date(0),
          { a: [1] },
        ];
        for (const value of values) await db.sql`insert into t (v) values (${value})`;
        // They stay the caller's.
        assert.equal(large.byteLength, 100_000);
        assert.equal(pooled.toString(), "a slice of Node's own pool");
        const rows = await db.select<{ v: unknown }>("select v from t order by id");
        const back = rows.map(({ v }) => (v instanceof Uint8Array ? Buffer.from(v) : v));
        assert.deepEqual(back, [
          null,
          0,
          -1,
          1.5,
          2 ** 52,
          9_007_199_254_740_993n,
          -(2n ** 63n),
          Number.POSITIVE_INFINITY,
          "",
          "日本 🦊",
          "x".repeat(100_000),
          Buffer.alloc(0),
          pooled,
          Buffer.alloc(100_000, 7),
          1,
          "1970-01-01T00:00:00.000Z",
          '{"a":[1]}',
        ]);
        await assert.rejects(db.sql("insert into t (v) values (?)", [Symbol("x")]), OptionError);
      });
    });

    test("bytes are sent as they were when the statement was issued", async (t) => {
      const { db } = await openFile(t, { client });
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (v)");
        const bytes = Buffer.from("before");
        const sent = conn.sql("insert into t values (?)", [bytes]);
        await Promise.resolve();
        bytes.write("after!");
        await sent;
        const { v } = await conn.get<{ v: Uint8Array }>("select v from t");
        assert.equal(Buffer.from(v).toString(), "before");
      });
    });

    test("a cursor is read as fast as its reader, and a thousand statements of one turn keep their order", async (t) => {
      const { db } = await openFile(t, { client });
      await db.withConnection(async (conn) => {
        let seen = 0;
        for await (const { x } of conn.cursor<{ x: number }>(
          "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c",
          { batch: 50 },
        )) {
          seen++;
          assert.equal(x, seen);
          if (seen === 1234) break;
        }
        await conn.sql("create table t (n int)");
        const all = await Promise.all(
          Array.from({ length: 1000 }, (_, i) =>
            i % 10 === 9 ? conn.get`select max(n) as n from t` : conn.sql`insert into t values (${i})`,
          ),
        );
        for (let i = 9; i < 1000; i += 10) assert.deepEqual(all[i], { n: i - 1 });
      });
    });

    test("errors arrive with their codes, and without values", async (t) => {
      const { db } = await openFile(t, { client });
      await db.withConnection(async () => {
        await db.sql("create table t (name text unique)");
        await db.sql`insert into t values (${"hunter2"})`;
        await assert.rejects(
          db.sql`insert into t values (${"hunter2"})`,
          (error: Error & { [name: string]: unknown }) => {
            assert.deepEqual(
              [error.kind, error.errno, error.table, error.column],
              ["unique", 2067, "t", "name"],
            );
            assert.ok(error.cause instanceof Error);
            assert.doesNotMatch(JSON.stringify(error) + error.stack, /hunter2/);
            return true;
          },
        );
        await assert.rejects(db.sql("selekt"), { kind: "other", errno: 1 });
      });
    });
  });
}

test("a program ends by itself with connections open, and not before its statements", async (t) => {
  const { name } = await freshDatabase("sqlite", t);
  const program = `
    import { PooledSQLiteDatabase } from "apocryphan/pool";
    const db = new PooledSQLiteDatabase({ database: ${JSON.stringify(name)} });
    await db.withConnection(() => db.sql("create table t (a int)"));
    await db.withConnection(() => db.select(${JSON.stringify(counting(500_000))}));
    await db.withConnection(() => db.sql("insert into t values (1)"));
    await db.connect();
    console.log((await db.get("select a from t")).a);
  `;
  for (const more of [[], ["--input-type=module"]]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--conditions=apocryphan-source",
        ...more,
        "-e",
        more.length > 0
          ? program.replace("create table", "create table if not exists")
          : `(async () => {${program.replace(/import \{ (\w+) \} from "(.*)";/, 'const { $1 } = await import("$2");')}})()`,
      ],
      { encoding: "utf8", cwd: import.meta.dirname, timeout: 30_000 },
    );
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "1\n", stderr: "" });
  }
});

test("the option workers takes a number or false, and is for pooled SQLite alone", async (t) => {
  const { name } = await freshDatabase("sqlite", t);
  for (const workers of [0, -1, 1.5, "2", null]) {
    assert.throws(
      () => new PooledSQLiteDatabase({ database: name, workers: workers as never }),
      (error: unknown) => error instanceof OptionError && error.option === "workers",
    );
  }
  const { raw } = await new PooledSQLiteDatabase({ database: name, workers: false }).connect();
  assert.equal((raw as { worker?: unknown }).worker, undefined);
  assert.throws(() => new PooledPostgreSQLDatabase({ workers: 2 }), /means nothing for PostgreSQL/);
  assert.throws(() => new PooledMySQLDatabase({ workers: false }), OptionError);
  assert.throws(() => new SQLiteDatabase({ database: name, workers: 2 } as never), /workers/);
  await assert.rejects(
    new PooledSQLiteDatabase({ database: name, driver: { verbose: () => {} } }).connect(),
    (error: unknown) => error instanceof OptionError && /workers: false/.test(error.message),
  );
});

test("one file is not opened by both client libraries at once", async (t) => {
  const { db, file } = await openFile(t, { workers: false });
  const other = new PooledSQLiteDatabase({ database: file, client: "better-sqlite3" });
  t.after(() => other.closeAll());
  await db.connect();
  await assert.rejects(other.connect(), {
    code: "CONNECT_FAILED",
    message: /open by node:sqlite.*by better-sqlite3/,
  });
  await db.closeAll();
  await other.connect();
});

test("what onConnect sets stays, and the connection is used again", async (t) => {
  const { db } = await openFile(t, {
    maxConnections: 1,
    onConnect: (conn) => conn.sql("pragma cache_size = -123"),
  });
  for (let i = 0; i < 3; i++) {
    await db.withConnection(async () =>
      assert.deepEqual(await db.get("pragma cache_size"), { cache_size: -123 }),
    );
  }
  await db.withConnection(() => db.atomic(() => db.get("select 1 as one"), { readOnly: true }));
  await db.withConnection(() => db.select("pragma table_info(t)"));
  assert.equal(db.stats().connects, 1);
});
