import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { elsewhere, openFile, POOLED_WAYS } from "./open.ts";

/* A statement is compiled once per connection; none of these may be answered by an old compilation. */
for (const { title, options } of POOLED_WAYS) {
  describe(`statements that were compiled before, ${title}`, () => {
    test("select * follows the table, whoever changes it", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 2 });
      const exec = (text: string) => elsewhere(file, text);
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (a int, b int)");
        await conn.sql("insert into t values (1, 2)");
        const all = () => conn.select("select * from t");
        assert.deepEqual(await all(), [{ a: 1, b: 2 }]);
        assert.deepEqual(await all(), [{ a: 1, b: 2 }]);
        await conn.sql("alter table t add column c default 3");
        assert.deepEqual(await all(), [{ a: 1, b: 2, c: 3 }]);
        await conn.sql("alter table t rename column a to z");
        assert.deepEqual(await all(), [{ z: 1, b: 2, c: 3 }]);
        await db.withConnection((other) => other.sql("alter table t drop column b"), { fresh: true });
        assert.deepEqual(await all(), [{ z: 1, c: 3 }]);
        // As another process would.
        await exec("alter table t add column d default 4");
        assert.deepEqual(await all(), [{ z: 1, c: 3, d: 4 }]);
        await exec("drop table t");
        await exec("create table t (only text)");
        assert.deepEqual(await all(), []);
        await exec("insert into t values ('x')");
        assert.deepEqual(await all(), [{ only: "x" }]);
      });
    });

    test("insert … returning * follows it too, and inserts once", async (t) => {
      const { db } = await openFile(t, options);
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (a int)");
        const insert = () => conn.select("insert into t (a) values (1) returning *");
        assert.deepEqual(await insert(), [{ a: 1 }]);
        await conn.sql("alter table t add column b default 2");
        assert.deepEqual(await insert(), [{ a: 1, b: 2 }]);
        assert.deepEqual(await conn.get("select count(*) as n from t"), { n: 2 });
      });
    });

    test("values of one run do not reach the next, and one that failed runs again", async (t) => {
      const { db } = await openFile(t, options);
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (a int unique, b text)");
        const insert = (a: number | null, b: string | null) => conn.sql`insert into t values (${a}, ${b})`;
        await insert(1, "x");
        await insert(2, null);
        await assert.rejects(insert(1, "y"), { kind: "unique" });
        await insert(3, "z");
        assert.deepEqual(await conn.select("select * from t order by a"), [
          { a: 1, b: "x" },
          { a: 2, b: null },
          { a: 3, b: "z" },
        ]);
      });
    });

    test("a cursor does not disturb the same statement beside it", async (t) => {
      const { db } = await openFile(t, options);
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (a integer primary key)");
        await conn.sql("insert into t values (1), (2), (3)");
        const text = "select a from t order by a";
        await conn.select(text);
        const seen: unknown[] = [];
        for await (const { a } of conn.cursor(text, { batch: 1 })) {
          seen.push(a);
          assert.equal((await conn.select(text)).length, 3);
          await conn.sql`update t set a = a where a = ${a as number}`;
        }
        assert.deepEqual(seen, [1, 2, 3]);
      });
    });

    test("more texts than are kept, each with its own answer", async (t) => {
      const { db } = await openFile(t, options);
      await db.withConnection(async (conn) => {
        for (let round = 0; round < 2; round++) {
          const rows = await Promise.all(
            Array.from({ length: 250 }, (_, i) => conn.get(`select ${i} as n, '${i}' as s`)),
          );
          for (let i = 0; i < 250; i++) assert.deepEqual(rows[i], { n: i, s: String(i) });
        }
      });
    });

    test("several statements in one text are refused, none is refused, and nothing of it is run", async (t) => {
      const { db } = await openFile(t, options);
      await db.withConnection(async (conn) => {
        await conn.sql("create table t (a int);");
        await assert.rejects(conn.sql("insert into t values (1); insert into t values (2)"), /several/);
        await assert.rejects(conn.sql(" -- nothing\n ;"), { code: "OPTION_INVALID" });
        await conn.sql("insert into t values (3); -- and that is all");
        assert.deepEqual(await conn.select("select a from t"), [{ a: 3 }]);
      });
    });
  });
}
