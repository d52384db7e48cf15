import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../support/wait.ts";
import { openPool } from "./open.ts";

test("a client is given back once: the second time throws, also after somebody else got it", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  const twice = "Release called on client which has already been released to the pool.";
  const client = await pool.connect();
  const { release } = client;
  release();
  assert.throws(() => release(), { message: twice });
  const again = await pool.connect();
  assert.equal(again, client);
  assert.throws(() => release(), { message: twice });
  again.release();
});

test("release with true or an error ends the client", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  for (const reason of [true, new Error("it is not well")]) {
    const client = await pool.connect();
    client.release(reason);
    assert.equal(pool.totalCount, 0);
    const next = await pool.connect();
    assert.notEqual(next, client);
    next.release();
  }
});

test("an open transaction, also a failed one, does not reach the next holder", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 1 });
  await fresh.exec("create table notes (text text)");
  const client = await pool.connect();
  await client.query("begin");
  await client.query("insert into notes values ('half')");
  client.release();
  assert.equal((await pool.query("select * from notes")).rowCount, 0);
  const failing = await pool.connect();
  await failing.query("begin");
  await assert.rejects(failing.query("select 1 / 0"));
  failing.release();
  assert.equal(await pool.connect(), client, "the client itself is sound");
  const { rows } = await client.query("select now() = statement_timestamp() as alone");
  assert.deepEqual(rows, [{ alone: true }]);
  client.release();
  assert.deepEqual(await fresh.exec("select * from notes"), []);
});

test("what was sent and not awaited is answered before the next holder gets the client", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 1 });
  await fresh.exec("create table notes (text text)");
  const client = await pool.connect();
  void client.query("begin");
  void client.query("insert into notes values ('whole')");
  void client.query("commit");
  client.release();
  assert.equal((await pool.query("select * from notes")).rowCount, 1);
  const careless = await pool.connect();
  void careless.query("begin");
  void careless.query("insert into notes values ('half')");
  careless.release();
  const { rows } = await pool.query(
    "select count(*)::int as count, now() = statement_timestamp() as alone from notes",
  );
  assert.deepEqual(rows, [{ count: 1, alone: true }], "a transaction that was begun so late is undone too");
});

test("a statement under way is stopped on the server, and its place is nobody's until the connection is gone", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 1 });
  let most = 0;
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const [row] = await fresh.exec<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'guest'",
      );
      most = Math.max(most, row?.count ?? 0);
    }
  })();
  for (let i = 0; i < 5; i++) {
    const client = await pool.connect();
    await client.query("set application_name to 'guest'");
    const sleeping = assert.rejects(client.query("select pg_sleep(600)"));
    await until("the statement to run", async () => {
      const running = await fresh.exec(
        "select 1 from pg_stat_activity where application_name = 'guest' and query like '%600%' and state = 'active'",
      );
      return running.length > 0;
    });
    client.release(true);
    await sleeping;
  }
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
  watching = false;
  await watch;
  assert.equal(most, 1);
});

test("a client that died while idle is not lent, and the process goes on with or without listeners", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 2 });
  const killAll = () =>
    fresh.exec(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
  await pool.query("select 1");
  await killAll();
  await until("the death to be noticed", () => pool.totalCount === 0);
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
  const heard: unknown[][] = [];
  pool.on("error", (...given) => heard.push(given));
  const client = await pool.connect();
  client.release();
  await killAll();
  await until("the error to be told", () => heard.length > 0);
  const [[error, its] = []] = heard;
  assert.ok(error instanceof Error);
  assert.equal(its, client);
  assert.equal((error as Error & { client?: unknown }).client, client);
});

test("a client that died in use is its holder's until it is given back, and then gone", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 1 });
  const told: unknown[] = [];
  pool.on("error", (error) => told.push(error));
  const client = await pool.connect();
  const { rows } = await client.query("select pg_backend_pid() as pid");
  await fresh.exec("select pg_terminate_backend($1)", [rows[0].pid]);
  await assert.rejects(client.query("select 1"));
  await assert.rejects(client.query("select 1"));
  assert.equal(pool.totalCount, 1);
  client.release();
  assert.equal(pool.totalCount, 0);
  assert.deepEqual(told, []);
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});
