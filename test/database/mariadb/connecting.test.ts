import assert from "node:assert/strict";
import { test } from "node:test";
import { PooledMySQLDatabase } from "apocryphan/pool";
import { freshDatabase, serverUrl } from "../../support/database.ts";
import { mariadbExec } from "../../support/servers/mariadb.ts";

const database = await freshDatabase("mysql");

function open(t: { after(fn: () => Promise<void>): void }, options: object = {}) {
  const db = new PooledMySQLDatabase({ url: database.url, client: "mariadb", maxConnections: 1, ...options });
  t.after(() => db.closeAll());
  return db;
}

async function sessions(): Promise<number> {
  const rows = await mariadbExec(
    await serverUrl("mysql"),
    "select id from information_schema.processlist where db = ?",
    [database.name],
  );
  return rows.length;
}

test("by mariadb, a function that never gives the password ends with the connect it was asked for", async (t) => {
  const db = open(t, { password: () => new Promise<string>(() => {}), connectTimeout: "200ms" });
  const began = performance.now();
  await assert.rejects(db.connect(), { code: "CONNECT_FAILED" });
  assert.ok(performance.now() - began < 5000);
});

test("by mariadb, a password function is asked anew for cancelling, and its connection is gone when closed", async (t) => {
  const { password } = new URL(database.url);
  let asked = 0;
  const db = open(t, {
    password: () => {
      asked++;
      return decodeURIComponent(password);
    },
  });
  await db.withConnection(async () => {
    await assert.rejects(db.get("select sleep(30)", [], { timeout: "100ms" }), { code: "STATEMENT_TIMEOUT" });
  });
  assert.equal(asked, 2);
  await db.closeAll();
  assert.equal(await sessions(), 0);
});

test("by mariadb, a server that takes no writes is known by the option that it names", async (t) => {
  const db = open(t);
  const text =
    "signal sqlstate 'HY000' set mysql_errno = 1290, message_text = 'running with the --read-only option'";
  await db.withConnection(async () => {
    await assert.rejects(db.sql(text), { kind: "readOnly" });
  });
  await db.withConnection(() => db.get("select 1 as n"));
  assert.equal(db.stats().connects, 2, "the first connection was given up");
});
