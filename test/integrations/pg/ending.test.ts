import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool } from "apocryphan/pg";
import { openPool } from "./open.ts";

test("end is done when the last client is back and the server has closed every connection", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 3 });
  await Promise.all([1, 2, 3].map(() => pool.query("select pg_sleep(0.05)")));
  const client = await pool.connect();
  const ending = pool.end();
  assert.deepEqual([pool.ending, pool.ended], [true, false]);
  const { rows } = await client.query("select 1 as one");
  assert.deepEqual(rows, [{ one: 1 }]);
  assert.equal(pool.ended, false);
  client.release();
  await ending;
  assert.deepEqual([pool.ending, pool.ended, pool.totalCount], [true, true, 0]);
  const left = await fresh.exec(
    "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  assert.deepEqual(left, []);
});

test("who waits when a pool ends is still served", async (t) => {
  const { pool } = await openPool(t, { max: 2 });
  const all = Array.from({ length: 20 }, (_, i) => pool.query("select $1::int as i", [i]));
  await pool.end();
  const rows = (await Promise.all(all)).map((result) => result.rows[0].i);
  assert.deepEqual(
    rows,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test("a pool that was told to end takes nothing any more, and says so in pg-pool's words", async () => {
  const pool = new Pool({ host: "127.0.0.1", port: 1 });
  await new Promise<void>((resolve) => pool.end(resolve));
  const over = { message: "Cannot use a pool after calling end on the pool" };
  await assert.rejects(pool.connect(), over);
  await assert.rejects(pool.query("select 1"), over);
  await assert.rejects(pool.end(), { message: "Called end on pool more than once" });
  const told = await Promise.all([
    new Promise<unknown>((resolve) => pool.connect((error) => resolve(error))),
    new Promise<unknown>((resolve) => pool.query("select 1", (error) => resolve(error))),
    new Promise<unknown>((resolve) => pool.end((...given: unknown[]) => resolve(given[0]))),
  ]);
  assert.ok(told.every((error) => error instanceof Error));
});

test("statements that nobody awaits do not hold an ending pool up", async (t) => {
  const { pool, fresh } = await openPool(t);
  const client = await pool.connect();
  const sleeping = assert.rejects(client.query("select pg_sleep(600)"));
  client.release();
  await pool.end();
  await sleeping;
  assert.deepEqual(
    await fresh.exec(
      "select 1 from pg_stat_activity where query like '%sleep(600)%' and pid <> pg_backend_pid()",
    ),
    [],
  );
});
