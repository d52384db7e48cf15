import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionError } from "apocryphan";
import { Pool } from "apocryphan/pg";
import { PooledPostgreSQLDatabase, PooledSQLiteDatabase } from "apocryphan/pool";
import pg from "pg";
import { until } from "../../support/wait.ts";
import { openBoth } from "./open.ts";

const Cursor: new (
  text: string,
) => pg.Submittable & {
  read(count: number): Promise<unknown[]>;
  close(): Promise<void>;
} = createRequire(import.meta.url)("pg-cursor");

test("a pool made from a database object lends that object's connections, and both count together", async (t) => {
  const { db, pool } = await openBoth(t);
  assert.ok(pool instanceof Pool && pool instanceof pg.Pool);
  assert.equal(pool.options.max, 2);
  const client = await pool.connect();
  assert.ok(client instanceof pg.Client);
  await db.withConnection(async () => {
    assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [2, 0, 0]);
    await assert.rejects(
      db.withConnection(() => 1, { fresh: true }),
      { code: "POOL_EXHAUSTED" },
    );
    const waiting = pool.query("select 1 as one");
    assert.equal(pool.waitingCount, 1);
    client.release();
    assert.deepEqual((await waiting).rows, [{ one: 1 }]);
  });
  assert.deepEqual([pool.totalCount, pool.idleCount], [2, 2]);
  assert.ok(new Pool(db) instanceof Pool, "the constructor takes it too");
});

test("the client is as pg has it while it is lent, and the database object's again afterwards", async (t) => {
  const { db, pool } = await openBoth(t, { maxConnections: 1 });
  const sql = "select 1::int8 as big";
  assert.deepEqual((await pool.query(sql)).rows, [{ big: "1" }]);
  await db.withConnection(async (conn) => assert.deepEqual(await conn.select(sql), [{ big: 1 }]));
  const client = await pool.connect();
  assert.equal((client as pg.Client & { pipeline?: boolean }).pipeline ?? false, false);
  const cursor = client.query(new Cursor("select * from generate_series(1, 10) as n"));
  assert.deepEqual(await cursor.read(1), [{ n: 1 }]);
  await cursor.close();
  client.release();
  await db.withConnection(async (conn) => {
    const all = await Promise.all([1, 2, 3].map((n) => conn.get("select $1::int as n", [n])));
    assert.deepEqual(all, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  });
  await assert.rejects(pool.query("select 1 / 0"), (error) => error instanceof pg.DatabaseError);
});

test("a borrowed client's errors are pg's own, as they came, and print as those do", async (t) => {
  const { pool } = await openBoth(t);
  const shown = (error: unknown): unknown => {
    assert.ok(error instanceof pg.DatabaseError);
    assert.match(inspect(error), /invalid input syntax for type integer: "hunter2"/);
    return { ...JSON.parse(JSON.stringify(error)), message: error.message };
  };
  const asked = { text: "select $1::int", values: ["hunter2"] };
  const wanted = {
    code: "22P02",
    severity: "ERROR",
    message: 'invalid input syntax for type integer: "hunter2"',
  };
  await assert.rejects(pool.query(asked), (error) => {
    assert.partialDeepStrictEqual(shown(error), wanted);
    return true;
  });
  const client = await pool.connect();
  await assert.rejects(client.query(asked), (error) => {
    assert.partialDeepStrictEqual(shown(error), wanted);
    return true;
  });
  client.release();
});

test("what a holder leaves in the session or in a transaction does not reach the next, on either side", async (t) => {
  const { db, pool, fresh } = await openBoth(t, { maxConnections: 1 });
  await fresh.exec("create table notes (text text)");
  const client = await pool.connect();
  await client.query("set search_path to nowhere");
  await client.query({ name: "named", text: "select 1" });
  await client.query("begin");
  await client.query("insert into public.notes values ('half')");
  client.release();
  await db.withConnection(async (conn) => {
    assert.deepEqual(await conn.get("show search_path"), { search_path: '"$user", public' });
    assert.deepEqual(await conn.select("select * from notes"), []);
    await conn.sql("set search_path to elsewhere");
  });
  assert.equal((await pool.query("show search_path")).rows[0].search_path, '"$user", public');
});

test("what a client has prepared under a name stays so when it is cleaned, and is prepared anew where it was forgotten", async (t) => {
  const { db, pool } = await openBoth(t, { maxConnections: 1 });
  for (const text of [
    "set search_path to nowhere",
    "select 1 as discarded",
    "deallocate all",
    "discard all",
  ]) {
    const client = await pool.connect();
    assert.deepEqual((await client.query({ name: "named", text: "select 1 as n" })).rows, [{ n: 1 }]);
    await client.query(text);
    client.release();
    assert.deepEqual((await pool.query({ name: "named", text: "select 1 as n" })).rows, [{ n: 1 }], text);
    await db.withConnection((conn) => conn.sql(text));
  }
});

test("a statement's failure costs no connection, a broken one does", async (t) => {
  const { pool, fresh } = await openBoth(t, { maxConnections: 1 });
  const pid = async (): Promise<number> => (await pool.query("select pg_backend_pid() as pid")).rows[0].pid;
  const first = await pid();
  await assert.rejects(pool.query("select 1 / 0"));
  assert.equal(await pid(), first);
  const removed: unknown[] = [];
  pool.on("remove", (client) => removed.push(client));
  const client = await pool.connect();
  await fresh.exec("select pg_terminate_backend($1)", [first]);
  await assert.rejects(client.query("select pg_sleep(60)"));
  client.release();
  assert.notEqual(await pid(), first);
  await until("its end to be told", () => removed.length === 1);
  assert.deepEqual(removed, [client]);
  (await pool.connect()).release(true);
  assert.equal(pool.totalCount, 0);
});

test("a statement under way on a client that is given back to be ended is stopped on the server", async (t) => {
  const { db, pool, fresh } = await openBoth(t, { maxConnections: 1 });
  const running =
    "select 1 from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active'";
  for (let i = 0; i < 3; i++) {
    const client = await pool.connect();
    const sleeping = assert.rejects(client.query("select pg_sleep(600)"));
    await until("the statement to run", async () => (await fresh.exec(running)).length > 0);
    client.release(true);
    await sleeping;
    await until("it to be over on the server", async () => (await fresh.exec(running)).length === 0);
  }
  assert.deepEqual(await db.withConnection((conn) => conn.get("select 1 as one")), { one: 1 });
});

test("a statement under way is cancelled when the database object closes everything", async (t) => {
  const { db, pool, fresh } = await openBoth(t);
  const client = await pool.connect();
  const sleeping = assert.rejects(client.query("select pg_sleep(600)"));
  const running = "select 1 from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'";
  await until("the statement to run", async () => (await fresh.exec(running)).length === 1);
  await db.closeAll();
  await sleeping;
  assert.deepEqual(await fresh.exec(running), []);
  client.release();
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

test("a server that takes no writes any more is noticed through pg's clients too: the idle ones go with it", async (t) => {
  const { pool } = await openBoth(t);
  const client = await pool.connect();
  (await pool.connect()).release();
  assert.deepEqual([pool.totalCount, pool.idleCount], [2, 1]);
  // Put together, so that it looks like the server's doing and not like this program's.
  await client.query("select set_config('default_transaction_' || 'read_' || 'only', 'on', false)");
  await assert.rejects(client.query("create table t (i int)"), { code: "25006" });
  assert.equal(pool.idleCount, 0);
  client.release();
  await until("both to be gone", () => pool.totalCount === 0);
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

test("the database object's timeout holds; without one a caller waits as long as it takes", async (t) => {
  const { pool } = await openBoth(t, { maxConnections: 1, timeout: "2s" });
  const client = await pool.connect();
  await assert.rejects(pool.connect(), { message: "timeout exceeded when trying to connect" });
  client.release();
  const { pool: patient } = await openBoth(t, { maxConnections: 1 });
  const holder = await patient.connect();
  const waiting = patient.query("select 1 as one");
  holder.release();
  assert.equal((await waiting).rows[0].one, 1);
});

test("a connect that fails is told in pg's own words", async () => {
  const db = new PooledPostgreSQLDatabase({ host: "127.0.0.1", port: 1, database: "none" });
  await assert.rejects(Pool.from(db).query("select 1"), { code: "ECONNREFUSED" });
});

test("end leaves the database object's connections to it", async (t) => {
  const { db, pool } = await openBoth(t);
  await pool.query("select 1");
  await pool.end();
  assert.equal(pool.ended, true);
  await assert.rejects(pool.query("select 1"), /after calling end on the pool/);
  assert.deepEqual(await db.withConnection((conn) => conn.get("select 1 as one")), { one: 1 });
});

test("another kind of database is refused when the pool is made", () => {
  const db = new PooledSQLiteDatabase({ database: ":memory:" });
  assert.throws(() => Pool.from(db as never), OptionError);
});
