import assert from "node:assert/strict";
import { test } from "node:test";
import mysql from "apocryphan/mysql2";
import theirs from "mysql2";
import { until } from "../../support/wait.ts";
import { classes, connectionOf, counts, database, openPool, openPromisePool, sessions } from "./support.ts";

await database.exec("create table notes (id int) engine=innodb");

test("what is lent is mysql2's own connection, of its classes", async (t) => {
  const pool = openPool(t);
  assert.ok(pool instanceof classes.Pool);
  assert.equal(pool.constructor.name, "Pool");
  const connection = await connectionOf(pool);
  assert.ok(connection instanceof classes.PoolConnection);
  connection.release();
  const promises = pool.promise();
  assert.ok(promises instanceof classes.PromisePool);
  assert.equal(promises.pool, pool);
  const lent = await promises.getConnection();
  assert.ok(lent instanceof classes.PromisePoolConnection);
  assert.equal(lent.connection, connection);
  lent.release();
});

test("a connection is released once, however often that is asked for", async (t) => {
  const pool = openPool(t, { connectionLimit: 1 });
  const first = await connectionOf(pool);
  first.release();
  first.release();
  const second = await connectionOf(pool);
  assert.equal(second, first);
  assert.deepEqual(counts(pool), { all: 1, free: 0, queued: 0 });
  pool.releaseConnection(second);
  assert.deepEqual(counts(pool), { all: 1, free: 1, queued: 0 });
});

test("transactions, prepared statements, ping and reset work on it", async (t) => {
  const pool = openPromisePool(t);
  const connection = await pool.getConnection();
  await connection.beginTransaction();
  await connection.query("insert into notes values (1)");
  await connection.rollback();
  await connection.beginTransaction();
  await connection.query("insert into notes values (2)");
  await connection.commit();
  await connection.ping();
  const statement = await connection.prepare("select id from notes where id = ?");
  const [rows] = await statement.execute([2]);
  assert.deepEqual(rows, [{ id: 2 }]);
  await statement.close();
  connection.release();
});

test("a transaction left open is rolled back, what a listener of 'connection' has set stays", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  pool.on("connection", (connection) => connection.query("set time_zone = '+03:00'"));
  const connection = await pool.getConnection();
  await connection.beginTransaction();
  await connection.query("insert into notes values (3)");
  connection.release();
  const [rows] = await pool.query(
    "select @@time_zone as zone, (select count(*) from notes where id = 3) as n",
  );
  assert.deepEqual(rows, [{ zone: "+03:00", n: 0 }]);
});

test("resetOnRelease clears the session", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1, resetOnRelease: true });
  const id = "select connection_id() as id, @mine as mine";
  await pool.query("set @mine = 1");
  const [first] = (await pool.query(id)) as unknown as [{ id: number; mine: unknown }[]];
  const [second] = (await pool.query(id)) as unknown as [{ id: number; mine: unknown }[]];
  assert.equal(first[0]?.mine, null);
  assert.equal(first[0]?.id, second[0]?.id);
});

test("destroy closes the connection on the server, and its place is taken by another", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  const connection = await pool.getConnection();
  const { threadId } = connection;
  connection.destroy();
  const next = await pool.getConnection();
  assert.notEqual(next.threadId, threadId);
  assert.deepEqual(counts(pool.pool), { all: 1, free: 0, queued: 0 });
  next.release();
  next.destroy();
  assert.deepEqual(counts(pool.pool), { all: 0, free: 0, queued: 0 });
});

test("a connection that the server has closed is not lent", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  const connection = await pool.getConnection();
  const { threadId } = connection;
  connection.release();
  await database.exec(`kill ${threadId}`);
  // The server says yes to a kill before it has closed anything.
  await until("the server to have closed it", async () => {
    const left = await database.exec("select 1 from information_schema.processlist where id = ?", [threadId]);
    return left.length === 0;
  });
  const [rows] = (await pool.query("select connection_id() as id")) as unknown as [{ id: number }[]];
  assert.notEqual(rows[0]?.id, threadId);
});

test("a connection that dies in use costs the process nothing, and its place is free", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  const connection = await pool.getConnection();
  await database.exec(`kill ${connection.threadId}`);
  await assert.rejects(connection.query("select 1"));
  connection.release();
  await pool.query("select 1");
});

test("changeUser is not handed on", async (t) => {
  const pool = openPromisePool(t, { connectionLimit: 1 });
  const connection = await pool.getConnection();
  await connection.changeUser({ database: "information_schema" });
  connection.release();
  const [rows] = await pool.query("select database() as name");
  assert.deepEqual(rows, [{ name: database.name }]);
});

test("the module passes on everything else of mysql2's", async () => {
  assert.equal(mysql.format("?", [1]), "1");
  assert.equal(mysql.Types, theirs.Types);
  assert.deepEqual(
    Object.keys(theirs).filter((name) => !(name in mysql)),
    [],
  );
  const connection = mysql.createConnection(database.url);
  const [rows] = await connection.promise().query("select 1 as n");
  assert.deepEqual(rows, [{ n: 1 }]);
  connection.destroy();
  await until("the server to see the end", async () => (await sessions()) === 0);
});
