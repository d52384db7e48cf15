import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import { test } from "node:test";
import pg from "pg";
import { openPool } from "./open.ts";

const require = createRequire(import.meta.url);
interface Cursor extends pg.Submittable {
  read(count: number): Promise<unknown[]>;
  close(): Promise<void>;
}
const Cursor: new (text: string) => Cursor = require("pg-cursor");
const QueryStream: new (text: string) => Readable & pg.Submittable = require("pg-query-stream");

test("a callback gets an error alone, or a result", async (t) => {
  const { pool } = await openPool(t);
  const given = (text: string): Promise<unknown[]> =>
    new Promise((resolve) => {
      const query = pool.query.bind(pool) as (text: string, callback: (...all: unknown[]) => void) => void;
      query(text, (...all) => resolve(all));
    });
  assert.equal((await given("select 1 / 0")).length, 1);
  const [error, result] = await given("select 7 as n");
  assert.equal(error, undefined);
  assert.deepEqual((result as pg.QueryResult).rows, [{ n: 7 }]);
});

test("query takes text, text and values, and a config, by promise and by callback", async (t) => {
  const { pool } = await openPool(t);
  const byCallback = (...given: unknown[]): Promise<pg.QueryResult> =>
    new Promise((resolve, reject) => {
      const query = pool.query.bind(pool) as (...all: unknown[]) => unknown;
      const returned = query(...given, (error: Error | undefined, result: pg.QueryResult) =>
        error ? reject(error) : resolve(result),
      );
      assert.equal(returned, undefined);
    });
  const forms: unknown[][] = [
    ["select 7 as n"],
    ["select $1::int as n", [7]],
    [{ text: "select $1::int as n", values: [7] }],
    [{ text: "select $1::int as n" }, [7]],
    [{ name: "seven", text: "select $1::int as n", values: [7] }],
    [{ name: "seven", text: "select $1::int as n", values: [7] }],
  ];
  for (const form of forms) {
    const promised = await (pool.query as (...all: unknown[]) => Promise<pg.QueryResult>).apply(pool, form);
    for (const result of [promised, await byCallback(...form)]) {
      assert.deepEqual(result.rows, [{ n: 7 }]);
      assert.equal(result.rowCount, 1);
      assert.equal(result.command, "SELECT");
      assert.equal(result.fields[0]?.name, "n");
    }
  }
  const arrays = await pool.query({ text: "select 1 as a, 2 as a", rowMode: "array" });
  assert.deepEqual(arrays.rows, [[1, 2]]);
});

test("values come as pg gives them, by pg's types or the program's own", async (t) => {
  const { pool } = await openPool(t);
  const { rows } = await pool.query("select 1::int8 as big, 1.50::numeric as exact, '{}'::jsonb as json");
  assert.deepEqual(rows, [{ big: "1", exact: "1.50", json: {} }]);
  const types = { getTypeParser: () => (text: unknown) => `<${String(text)}>` };
  const { pool: own } = await openPool(t, { types });
  assert.deepEqual((await own.query("select 1 as n")).rows, [{ n: "<1>" }]);
});

test("a failure is pg's own error, whose stack leads to the program; the client is not used again", async (t) => {
  const { pool } = await openPool(t);
  const told: unknown[] = [];
  pool.on("release", (error) => told.push(error));
  async function theProgram(): Promise<void> {
    await pool.query("select 1 / 0");
  }
  await assert.rejects(theProgram(), (error: Error) => {
    assert.ok(error instanceof pg.DatabaseError);
    assert.equal(error.code, "22012");
    assert.match(error.stack ?? "", /theProgram/);
    assert.deepEqual(told, [error]);
    return true;
  });
  assert.equal(pool.totalCount, 0);
  // What pg refuses by throwing.
  await assert.rejects((pool.query as (text: unknown) => Promise<unknown>).call(pool, null), TypeError);
  await new Promise<void>((resolve) => {
    (pool.query as (callback: unknown) => void).call(pool, (error: Error) => {
      assert.match(error.message, /Passing a function as the first parameter/);
      resolve();
    });
  });
});

test("submittables run: pg's own queries, query streams through the pool, cursors on a client", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  const ran = (await pool.query(new pg.Query("select 5 as five"))) as unknown as pg.QueryResult;
  assert.deepEqual(ran.rows, [{ five: 5 }]);
  const stream = new QueryStream("select * from generate_series(1, 250) as n");
  const done = pool.query(stream);
  const rows: unknown[] = [];
  for await (const row of stream) rows.push(row);
  await done;
  assert.equal(rows.length, 250);
  assert.equal(pool.idleCount, 1);
  const client = await pool.connect();
  const cursor = client.query(new Cursor("select * from generate_series(1, 10) as n"));
  assert.deepEqual(await cursor.read(2), [{ n: 1 }, { n: 2 }]);
  await cursor.close();
  client.release();
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

test("a client that dies under a query fails that query and no other", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 1 });
  const client = await pool.connect();
  const { rows } = await client.query("select pg_backend_pid() as pid");
  client.release();
  const sleeping = assert.rejects(pool.query("select pg_sleep(60)"), { code: "57P01" });
  await fresh.exec("select pg_terminate_backend($1)", [rows[0].pid]);
  await sleeping;
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});
