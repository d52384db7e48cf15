import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { ResultSetHeader, RowDataPacket } from "mysql2";
import { database, openPool, openPromisePool } from "./support.ts";

await database.exec("create table things (id int primary key auto_increment, name varchar(20) unique)");

test("query takes text, values, an options object and a callback, as mysql2 does", async (t) => {
  const pool = openPool(t);
  const rows = (...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const done = (error: unknown, found: unknown): void => (error ? reject(error) : resolve(found));
      Reflect.apply(pool.query, pool, [...args, done]);
    });
  assert.deepEqual(await rows("select 1 as n"), [{ n: 1 }]);
  assert.deepEqual(await rows("select ? as n", [2]), [{ n: 2 }]);
  assert.deepEqual(await rows({ sql: "select ? as n", values: [3] }), [{ n: 3 }]);
  assert.deepEqual(await rows({ sql: "select 4 as n", rowsAsArray: true }), [[4]]);
  assert.deepEqual(await rows({ sql: "select n from (select 5 as n) d", nestTables: "_" }), [{ d_n: 5 }]);
});

test("execute prepares, by promise and by callback", async (t) => {
  const pool = openPromisePool(t);
  const [rows] = await pool.execute<RowDataPacket[]>("select ? as n", [7]);
  assert.deepEqual(rows, [{ n: 7 }]);
  const found = await new Promise((resolve, reject) => {
    pool.pool.execute("select ? as n", [8], (error: unknown, its: unknown) =>
      error ? reject(error) : resolve(its),
    );
  });
  assert.deepEqual(found, [{ n: 8 }]);
});

test("named placeholders hold for the pool's statements", async (t) => {
  const pool = openPromisePool(t, { namedPlaceholders: true });
  const [rows] = await pool.query<RowDataPacket[]>("select :a as a, :b as b", { a: 1, b: "x" });
  assert.deepEqual(rows, [{ a: 1, b: "x" }]);
  const [same] = await pool.execute<RowDataPacket[]>("select :a as a", { a: "y" });
  assert.deepEqual(same, [{ a: "y" }]);
});

test("without a callback a query tells by events, and streams", async (t) => {
  const pool = openPool(t, { connectionLimit: 1 });
  const seen: unknown[] = [];
  const query = pool.query("select 1 as n union select 2");
  query.on("result", (row) => seen.push(row));
  await once(query, "end");
  assert.deepEqual(seen, [{ n: 1 }, { n: 2 }]);
  const streamed: unknown[] = [];
  for await (const row of pool.query("select seq as n from seq_1_to_5").stream()) streamed.push(row);
  assert.equal(streamed.length, 5);
  const failed = pool.query("select nonsense");
  const [error] = await once(failed, "error");
  assert.equal(error.code, "ER_BAD_FIELD_ERROR");
});

test("results, value types and errors are mysql2's own", async (t) => {
  const pool = openPromisePool(t);
  const [header] = await pool.query<ResultSetHeader>("insert into things (name) values ('a')");
  assert.deepEqual(
    [header.affectedRows, header.insertId, header.constructor.name],
    [1, 1, "ResultSetHeader"],
  );
  const [rows, fields] = await pool.query<RowDataPacket[]>(
    "select 9007199254740993 as big, 1.50 as price, date '2020-02-03' as day",
  );
  assert.equal(typeof rows[0]?.big, "number");
  assert.equal(rows[0]?.price, "1.50");
  assert.ok(rows[0]?.day instanceof Date);
  assert.equal(fields[0]?.name, "big");
  await assert.rejects(pool.query("insert into things (name) values ('a')"), (error) => {
    const { code, errno, sqlState, sqlMessage, sql } = error as Record<string, unknown>;
    assert.deepEqual([code, errno, sqlState], ["ER_DUP_ENTRY", 1062, "23000"]);
    assert.match(String(sqlMessage), /Duplicate entry 'a'/);
    assert.equal(sql, "insert into things (name) values ('a')");
    return true;
  });
});

test("mysql2's options for values hold", async (t) => {
  const text = "select 9007199254740993 as big, cast(1.5 as decimal(3,1)) as price, date '2020-02-03' as day";
  const options = {
    supportBigNumbers: true,
    bigNumberStrings: true,
    decimalNumbers: true,
    dateStrings: true,
  };
  const [rows] = await openPromisePool(t, options).query(text);
  assert.deepEqual(rows, [{ big: "9007199254740993", price: 1.5, day: "2020-02-03" }]);
  const [arrays] = await openPromisePool(t, { rowsAsArray: true }).query("select 1, 2");
  assert.deepEqual(arrays, [[1, 2]]);
  const [several] = await openPromisePool(t, { multipleStatements: true }).query(
    "select 1 as a; select 2 as b",
  );
  assert.deepEqual(several, [[{ a: 1 }], [{ b: 2 }]]);
});

test("format, escape and escapeId are mysql2's", (t) => {
  const pool = openPool(t);
  assert.equal(pool.format("select ? from ??", ["it's", "a.b"]), "select 'it\\'s' from `a`.`b`");
  assert.equal(pool.escape(new Date(0)).length > 10, true);
  assert.equal(pool.escapeId("a`b"), "`a``b`");
  assert.equal(pool.promise().escape("x"), "'x'");
});
