import assert from "node:assert/strict";
import { test } from "node:test";
import { PooledMySQLDatabase, type PooledOptions } from "apocryphan/pool";
import type { Connection } from "mysql2";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/wait.ts";

/*
 * What was sent through `raw`, behind the library's back, is seen where the connection comes back.
 */

const database = await freshDatabase("mysql");

function open(t: { after(fn: () => Promise<void>): void }, options: Partial<PooledOptions> = {}) {
  const db = new PooledMySQLDatabase({ url: database.url, maxConnections: 1, timeout: 10, ...options });
  t.after(() => db.closeAll());
  return db;
}

function sent(raw: Connection, text: string): Promise<unknown> {
  return raw.promise().query(text);
}

test("a transaction begun through raw is rolled back", async (t) => {
  const db = open(t);
  await database.exec("create table begun (id int) engine=innodb");
  await db.withConnection(async (conn) => {
    await sent(conn.raw as Connection, "begin");
    await sent(conn.raw as Connection, "insert into begun values (1)");
  });
  await db.withConnection(async () => {
    assert.deepEqual(await db.select("select * from begun"), []);
  });
  assert.equal(db.stats().connects, 1);
});

test("statements sent through raw and not awaited are over before the next holder comes", async (t) => {
  const db = open(t, { reset: "none" });
  await database.exec("create table hasty (id int) engine=innodb");
  await db.withConnection(async (conn) => {
    const raw = conn.raw as Connection;
    for (const text of ["do sleep(0.1)", "begin", "insert into hasty values (1)"]) raw.query(text);
  });
  await db.withConnection(async () => {
    assert.deepEqual(await db.get("select @@in_transaction as open"), { open: 0 });
    assert.deepEqual(await db.select("select * from hasty"), []);
  });
  assert.equal(db.stats().connects, 1);
});

test("a setting made through raw is cleared", async (t) => {
  const db = open(t);
  const zone = () => db.withConnection(() => db.get("select @@time_zone as zone"));
  const before = await zone();
  await db.withConnection((conn) => sent(conn.raw as Connection, "set time_zone = '+05:00'"));
  assert.deepEqual(await zone(), before);
});

test("a connection that was made another user's is not lent again", async (t) => {
  const db = open(t);
  await db.withConnection(async (conn) => {
    await (conn.raw as Connection).promise().changeUser({ database: "information_schema" });
  });
  await db.withConnection(async () => {
    assert.deepEqual(await db.get("select database() as name"), { name: database.name });
  });
  assert.equal(db.stats().connects, 2);
});

test("a statement that runs through raw is cancelled when its connection is closed under it", async (t) => {
  const db = open(t);
  const running = () =>
    database.exec(
      "select 1 from information_schema.processlist where db = ? and info like 'select sleep(60%'",
      [database.name],
    );
  await db.withConnection(async (conn) => {
    (conn.raw as Connection).query("select sleep(60)", () => {});
    await until("the server to run it", async () => (await running()).length === 1);
    await db.closeAll();
    assert.deepEqual(await running(), []);
  });
});

test("a full reset gives the connection its own character set again", async (t) => {
  const db = open(t, { reset: "full", driver: { charset: "latin1_swedish_ci" } });
  const names = () =>
    db.withConnection(() =>
      db.get("select @@character_set_client as charset, @@collation_connection as collation"),
    );
  const expected = { charset: "latin1", collation: "latin1_swedish_ci" };
  assert.deepEqual(await names(), expected);
  assert.deepEqual(await names(), expected);
  assert.equal(db.stats().connects, 1);
});

test("raw gives mysql2's own values, and the database object's are exact", async (t) => {
  const db = open(t);
  await db.withConnection(async (conn) => {
    const text = "select cast(9007199254740993 as signed) as n";
    assert.deepEqual(await db.get(text), { n: 9007199254740993n });
    const [rows] = (await sent(conn.raw as Connection, text)) as [{ n: unknown }[]];
    assert.equal(typeof rows[0]?.n, "number");
  });
});
