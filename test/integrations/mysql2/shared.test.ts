import assert from "node:assert/strict";
import { test } from "node:test";
import { createPool } from "apocryphan/mysql2/promise";
import { PooledMySQLDatabase, PooledSQLiteDatabase } from "apocryphan/pool";
import { database } from "./support.ts";

function open(t: { after(fn: () => Promise<void>): void }, options = {}) {
  const db = new PooledMySQLDatabase({ url: database.url, maxConnections: 2, timeout: 10, ...options });
  t.after(() => db.closeAll());
  return db;
}

test("over a database object, both share one pool and its maximum", async (t) => {
  const db = open(t, { maxConnections: 1 });
  const pool = createPool(db);
  const id = "select connection_id() as id";
  const [rows] = await pool.query(id);
  await db.withConnection(async () => assert.deepEqual(await db.select(id), rows));
  const connection = await pool.getConnection();
  assert.equal(db.stats().inUse, 1);
  const waiting = db.withConnection(() => db.get("select 1 as n"));
  connection.release();
  assert.deepEqual(await waiting, { n: 1 });
  assert.equal(db.stats().connects, 1);
});

test("its end leaves the database open, and takes only its own callers and connections along", async (t) => {
  const db = open(t, { maxConnections: 1 });
  const pool = createPool(db);
  const holder = await db.connect();
  const waiting = pool.getConnection();
  const over = pool.end();
  await assert.rejects(waiting, { message: "Pool is closed." });
  await over;
  assert.deepEqual(await holder.get("select 1 as n"), { n: 1 });
  await holder.close();
  assert.equal(db.stats().waiting, 0);
});

test("the database's rules for coming back hold", async (t) => {
  const db = open(t, { maxConnections: 1 });
  const pool = createPool(db);
  const [before] = await pool.query("select @@time_zone as zone");
  await pool.query("set time_zone = '+04:00'");
  const [after] = await pool.query("select @@time_zone as zone");
  assert.deepEqual(after, before);
});

test("closeAll takes what is lent; its holder is told by mysql2", async (t) => {
  const db = open(t);
  const pool = createPool(db);
  const connection = await pool.getConnection();
  await db.closeAll();
  await assert.rejects(connection.query("select 1"), /closed state/);
  connection.release();
  await pool.query("select 1");
});

test("a full pool that does not wait refuses in its own words", async (t) => {
  const db = open(t, { maxConnections: 1, timeout: undefined });
  const pool = createPool(db);
  const connection = await pool.getConnection();
  await assert.rejects(pool.getConnection(), { code: "POOL_EXHAUSTED" });
  connection.release();
});

test("a database that is not mysql2's is refused", () => {
  const sqlite = new PooledSQLiteDatabase({ database: ":memory:" });
  assert.throws(() => createPool(sqlite as unknown as PooledMySQLDatabase), {
    code: "OPTION_INVALID",
    message: /needs a PooledMySQLDatabase whose connections are mysql2's; this one's are for SQLite/,
  });
  const mariadb = new PooledMySQLDatabase({ url: database.url, client: "mariadb" });
  assert.throws(() => createPool(mariadb), { code: "OPTION_INVALID", message: /those of "mariadb"/ });
});
