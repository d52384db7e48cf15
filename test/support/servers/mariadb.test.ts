import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import mysql from "mysql2/promise";
import { type MariaDBOptions, type MariaDBServer, startMariaDB } from "./mariadb.ts";
import { members, state } from "./processes.ts";

async function server(t: TestContext, options?: MariaDBOptions): Promise<MariaDBServer> {
  const started = await startMariaDB(options);
  t.after(() => started[Symbol.asyncDispose]());
  return started;
}

test("two servers run beside each other, each with its own data", async (t) => {
  const [one, two] = await Promise.all([server(t), server(t)]);
  await one.exec("create database things");
  assert.notEqual(one.port, two.port);
  await assert.rejects(two.exec("use things"), { code: "ER_BAD_DB_ERROR" });
});

test("a server can be reached through its Unix socket, and refuses a wrong password", async (t) => {
  const one = await server(t);
  const { username, password } = new URL(one.url);
  const socketPath = join(one.socketDir, "mysqld.sock");
  const connection = await mysql.createConnection({ socketPath, user: username, password });
  assert.deepEqual((await connection.query("select 1 as one"))[0], [{ one: 1 }]);
  await connection.end();
  await assert.rejects(mysql.createConnection({ socketPath, user: username, password: "wrong" }), {
    code: "ER_ACCESS_DENIED_ERROR",
  });
});

test("a killed server is gone, and a restart brings back port and data", async (t) => {
  const one = await server(t, { durable: true });
  await one.exec("create database things");
  const before = one.pid;
  await one.kill();
  assert.deepEqual(members(before), []);
  await assert.rejects(one.exec("select 1"), { code: "ECONNREFUSED" });
  await one.restart();
  assert.notEqual(one.pid, before);
  await one.exec("use things");
});

test("a stopped server answers nobody, and goes on when it may", async (t) => {
  const one = await server(t);
  const connection = await mysql.createConnection(one.url);
  await one.stop();
  assert.deepEqual([...new Set(members(one.pid).map(state))], ["T"]);
  let answered = false;
  const asked = connection.query("select 1 as one").then(([rows]) => {
    answered = true;
    return rows;
  });
  // The answer of a running server takes a millisecond; this is a frozen one's silence, not a wait for luck.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(answered, false);
  await one.cont();
  assert.deepEqual(await asked, [{ one: 1 }]);
  await connection.end();
});

test("settings reach the server", async (t) => {
  const one = await server(t, { settings: { "max-connections": 17 } });
  assert.deepEqual(await one.exec("select @@max_connections as n"), [{ n: 17 }]);
});

test("a server that can't start says why", async () => {
  await assert.rejects(startMariaDB({ settings: { "no-such-option": 1 } }), /no-such-option/);
});
