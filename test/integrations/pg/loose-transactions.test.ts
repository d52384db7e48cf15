import assert from "node:assert/strict";
import { test } from "node:test";
import { openPool } from "./open.ts";

test("what one pool.query begins goes on in the next, as programs for pg-pool expect", async (t) => {
  const { pool } = await openPool(t);
  await pool.query("create table kept (n int)");
  await pool.query("begin");
  await pool.query("insert into kept values (1)");
  await pool.query("rollback");
  await pool.query("begin");
  await pool.query("insert into kept values ($1)", [2]);
  await pool.query("commit");
  assert.deepEqual((await pool.query("select n from kept")).rows, [{ n: 2 }]);
  assert.equal(pool.totalCount, 1);
});

test("who checks a client out does not go on in a transaction that a pool.query began", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  await pool.query("create table kept (n int)");
  await pool.query("begin");
  await pool.query("insert into kept values (1)");
  const client = await pool.connect();
  await client.query("insert into kept values (2)");
  client.release();
  assert.deepEqual((await pool.query("select n from kept")).rows, [{ n: 2 }]);
});

test("a transaction that a holder leaves open does not reach a pool.query", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  await pool.query("create table kept (n int)");
  const client = await pool.connect();
  await client.query("begin");
  await client.query("insert into kept values (1)");
  client.release();
  await pool.query("insert into kept values (2)");
  await pool.query("rollback");
  assert.deepEqual((await pool.query("select n from kept")).rows, [{ n: 2 }]);
});
