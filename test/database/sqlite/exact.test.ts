import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openFile, POOLED_WAYS } from "./open.ts";

/* Whole numbers are read as `number` until one comes that none can hold; then the same text is read anew. */
for (const { title, options } of POOLED_WAYS) {
  describe(`numbers of one text, ${title}`, () => {
    test("a text that gave small ones gives large ones with all their digits, and small ones again", async (t) => {
      const { db } = await openFile(t, { ...options, autoconnect: true, timeout: 0 });
      await db.sql("create table t (id integer primary key, n)");
      const values = [
        1,
        2n ** 53n - 1n,
        2n ** 53n,
        2n ** 53n + 1n,
        -(2n ** 53n) - 1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
      ];
      const expected = values.map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n));
      for (const [id, n] of [...values, 1e300, 0.5].entries())
        await db.sql`insert into t values (${id}, ${n})`;
      const found: unknown[] = [];
      for (const id of [...values.keys(), 7, 8, 0]) {
        found.push((await db.get<{ n: unknown }>("select n from t where id = ?", [id])).n);
      }
      assert.deepEqual(found, [...expected, 1e300, 0.5, 1]);
      const all = await db.select<{ n: unknown }>("select n from t where id < 7 order by id");
      assert.deepEqual(
        all.map(({ n }) => n),
        expected,
      );
    });

    test("what writes is never run a second time for them", async (t) => {
      const { db } = await openFile(t, { ...options, autoconnect: true, timeout: 0 });
      await db.sql("create table t (n)");
      const insert = (n: bigint | number) => db.get`insert into t values (${n}) returning n`;
      assert.deepEqual(await insert(1), { n: 1 });
      assert.deepEqual(await insert(2n ** 60n), { n: 2n ** 60n });
      assert.deepEqual(await db.get("select count(*) as count from t"), { count: 2 });
    });
  });
}

for (const client of ["node:sqlite", "better-sqlite3"] as const) {
  test(`a transaction that was begun through raw in this thread is rolled back as it comes back, ${client}`, async (t) => {
    const { db } = await openFile(t, { client, workers: false, autoconnect: true, maxConnections: 1 });
    await db.sql("create table t (n)");
    await db.withConnection(async (conn) => {
      const raw = conn.raw as { exec(text: string): void };
      raw.exec("begin");
      raw.exec("insert into t values (1)");
    });
    assert.deepEqual(await db.select("select * from t"), []);
    await db.withConnection(async (conn) => {
      await conn.sql("insert into t values (2)");
      (conn.raw as { close(): void }).close();
    });
    assert.deepEqual(await db.select("select * from t"), [{ n: 2 }]);
  });
}
