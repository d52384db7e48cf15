import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError } from "apocryphan";
import { until } from "../support/wait.ts";
import { guestUrl, inviteGuest, openPool, SERVERS, startServer, warm } from "./support.ts";

/** Makes a whole server read-only, as an operator or a failover does, and back. */
const READ_ONLY = {
  postgresql: (on: boolean) => [
    `alter system set default_transaction_read_only = ${on ? "on" : "off"}`,
    "select pg_reload_conf()",
  ],
  mysql: (on: boolean) => [`set global read_only = ${on ? 1 : 0}`],
};
const CODE = { postgresql: "25006", mysql: 1290 };

for (const kind of SERVERS) {
  test(`${kind}: when a write finds the server read-only, everything that was opened to it before is given up`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 3, timeout: "10s" });
    const before = await warm(db, 3);
    assert.equal(before.size, 3);

    const holder = await db.context(() => db.connect());
    for (const text of READ_ONLY[kind](true)) await server.exec(text);
    await until("the server to refuse a write", () =>
      db.withConnection(async () => {
        const error = await db.sql("insert into things values (1)").then(
          () => db.sql("delete from things"),
          (error: unknown) => error,
        );
        if (!(error instanceof DatabaseError)) return false;
        assert.equal(error.kind, "readOnly");
        assert.equal(kind === "mysql" ? error.errno : error.sqlState, CODE[kind]);
        return true;
      }),
    );
    for (const text of READ_ONLY[kind](false)) await server.exec(text);

    // The holder is not cut off: it may be reading, and what it holds is closed when it comes back.
    assert.equal((await holder.select("select 1 as one")).length, 1);
    assert.ok(before.has(holder.raw));
    await holder.close();
    for (const raw of await warm(db, 3)) assert.ok(!before.has(raw), "one of before was lent again");
    await db.withConnection(() => db.sql("insert into things values (2)"));
  });

  test(`${kind}: a transaction that was made read-only by choice costs no connection`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 3 });
    await warm(db, 3);
    await db.withConnection(async () => {
      const refused = db.atomic(() => db.sql("insert into things values (1)"), { readOnly: true });
      await assert.rejects(refused, DatabaseError);
    });
    await db.withConnection(() => db.sql("insert into things values (1)"));
    assert.equal(db.stats().connects, 3);
    assert.equal(db.stats().closes, 0);
  });
}

test("mysql: a statement that another option of the server forbids (1290 too) costs no connection", async (t) => {
  const server = await startServer("mysql", t, { "secure-file-priv": "/var/lib" });
  const db = openPool("mysql", t, { url: server.url, maxConnections: 2 });
  await db.withConnection(async () => {
    await assert.rejects(db.sql("select 1 into outfile '/tmp/x'"), { errno: 1290, kind: "permission" });
    assert.equal((await db.select("select 1")).length, 1);
  });
  assert.equal(db.stats().closes, 0);
});

test("postgresql: a role that is read-only by its settings costs no connection when it tries to write", async (t) => {
  const server = await startServer("postgresql", t);
  await inviteGuest("postgresql", server);
  await server.exec("alter role guest set default_transaction_read_only = on");
  const db = openPool("postgresql", t, { url: guestUrl("postgresql", server.url), maxConnections: 2 });
  await db.withConnection(async () => {
    await assert.rejects(db.sql("insert into things values (1)"), { sqlState: "25006" });
    assert.equal((await db.select("select 1")).length, 1);
  });
  assert.equal(db.stats().closes, 0);
});
