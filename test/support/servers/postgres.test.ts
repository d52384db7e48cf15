import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { until } from "../wait.ts";
import { startPgBouncer } from "./pgbouncer.ts";
import {
  findPostgres,
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
  startStandby,
} from "./postgres.ts";
import { members, state } from "./processes.ts";

async function server(t: TestContext, options?: PostgresOptions): Promise<PostgresServer> {
  const started = await startPostgres(options);
  t.after(() => started[Symbol.asyncDispose]());
  return started;
}

test("two servers run beside each other, each with its own data", async (t) => {
  const [one, two] = await Promise.all([server(t), server(t)]);
  await one.exec("create table things (id int)");
  assert.notEqual(one.port, two.port);
  await assert.rejects(two.exec("select * from things"), /does not exist/);
});

test("a server can be reached through its Unix socket", async (t) => {
  const { socketDir, port } = await server(t);
  const client = new pg.Client({ host: socketDir, port, user: "postgres", database: "postgres" });
  await client.connect();
  assert.deepEqual((await client.query("select 1 as one")).rows, [{ one: 1 }]);
  await client.end();
});

test("a wrong password is refused", async (t) => {
  const { url } = await server(t);
  const wrong = new URL(url);
  wrong.password = "wrong";
  const client = new pg.Client(wrong.href);
  await assert.rejects(client.connect(), { code: "28P01" });
});

test("a killed server is gone with all its processes, and a restart brings back port and data", async (t) => {
  const one = await server(t, { durable: true });
  await one.exec("create table things (id int)");
  await one.exec("insert into things values (1)");
  const before = one.pid;
  const all = members(before);
  assert.ok(all.length > 1, "the server has children");
  await one.kill();
  assert.deepEqual(
    all.filter((pid) => members(pid).length > 0),
    [],
  );
  assert.equal(one.running, false);
  await assert.rejects(one.exec("select 1"), { code: "ECONNREFUSED" });
  await one.restart();
  assert.notEqual(one.pid, before);
  assert.deepEqual(await one.exec("select id from things"), [{ id: 1 }]);
});

test("a stopped server answers nobody, and goes on when it may", async (t) => {
  const one = await server(t);
  const client = new pg.Client(one.url);
  await client.connect();
  await one.stop();
  assert.deepEqual([...new Set(members(one.pid).map(state))], ["T"]);
  let answered = false;
  const asked = client.query("select 1 as one").then((result) => {
    answered = true;
    return result.rows;
  });
  // The answer of a running server takes a millisecond; this is a frozen one's silence, not a wait for luck.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(answered, false);
  await one.cont();
  assert.deepEqual(await asked, [{ one: 1 }]);
  await client.end();
});

test("a stopped server can be killed and disposed of", async (t) => {
  const one = await server(t);
  await one.stop();
  await one.kill();
  assert.equal(one.running, false);
  const two = await server(t);
  await two.stop();
  await two[Symbol.asyncDispose]();
  assert.equal(two.running, false);
});

test("settings reach the server", async (t) => {
  const one = await server(t, { settings: { max_connections: 17 } });
  assert.deepEqual(await one.exec("show max_connections"), [{ max_connections: "17" }]);
  assert.deepEqual(await one.exec("show fsync"), [{ fsync: "off" }]);
});

test("a server that can't start says why", async () => {
  await assert.rejects(startPostgres({ settings: { max_connections: "many" } }), /max_connections/);
});

for (const version of ["newest", "system"] as const) {
  if (!findPostgres(version)) continue;
  test(`a standby (${version}) follows its primary and takes over when it dies`, async (t) => {
    const primary = await server(t, { version });
    await primary.exec("create table things (id int)");
    await primary.exec("insert into things values (1)");
    const standby = await startStandby(primary);
    t.after(() => standby[Symbol.asyncDispose]());
    assert.deepEqual(await standby.exec("select id from things"), [{ id: 1 }]);
    await assert.rejects(standby.exec("insert into things values (0)"), { code: "25006" });
    await primary.exec("insert into things values (2)");
    await until(
      "the second row to arrive",
      async () => (await standby.exec("select id from things")).length === 2,
    );
    await primary.kill();
    await standby.promote();
    await standby.exec("insert into things values (3)");
    assert.equal((await standby.exec("select id from things")).length, 3);
  });
}

test("PgBouncer in transaction mode gives each transaction whichever connection is free", async (t) => {
  const one = await server(t);
  const bouncer = await startPgBouncer(one.url, { poolMode: "transaction", poolSize: 1 });
  t.after(() => bouncer[Symbol.asyncDispose]());
  const clients = [new pg.Client(bouncer.url), new pg.Client(bouncer.url)];
  for (const client of clients) await client.connect();
  const pids = [];
  for (const client of clients) {
    pids.push((await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid);
  }
  assert.equal(pids[0], pids[1]);
  for (const client of clients) await client.end();
});
