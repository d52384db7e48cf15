import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError } from "apocryphan";
import { PooledMySQLDatabase, PooledPostgreSQLDatabase } from "apocryphan/pool";
import { startProxy } from "../support/proxy.ts";
import { findPostgres, startPostgres, startStandby } from "../support/servers/postgres.ts";
import { until } from "../support/wait.ts";
import { guestUrl, inviteGuest, startServer } from "./support.ts";

const versions = (["newest", "system"] as const).filter((version) => findPostgres(version) !== undefined);

for (const version of versions) {
  test(`PostgreSQL (${version}): a standby is passed over, and found when it was promoted after the primary died`, async (t) => {
    const primary = await startPostgres({ version });
    t.after(() => primary[Symbol.asyncDispose]());
    await primary.exec("create table things (id int)");
    const standby = await startStandby(primary);
    t.after(() => standby[Symbol.asyncDispose]());
    const db = new PooledPostgreSQLDatabase({
      url: primary.url,
      // The standby first, so that passing over it is what is tested.
      hosts: [standby, primary].map(({ host, port }) => ({ host, port })),
      maxConnections: 4,
      timeout: "60s",
    });
    t.after(() => db.closeAll());
    await db.withConnection(() => db.sql("insert into things values (1)"));
    await until("the row to arrive", async () => (await standby.exec("select from things")).length === 1);

    await primary.kill();
    // Somebody waits while there is nobody to write to, and is served as soon as there is.
    const waiting = db.withConnection(() => db.sql("insert into things values (2)"));
    await until("connecting to fail", () => db.stats().connectErrors > 0);
    const impatient = db.withConnection(() => 1, { signal: AbortSignal.timeout(500) });
    await assert.rejects(impatient, { name: "AbortError" });
    await standby.promote();
    await waiting;
    assert.equal((await standby.exec("select from things")).length, 2);
  });
}

test("PostgreSQL: where no host takes writes, the error says so of each", async (t) => {
  const primary = await startPostgres();
  t.after(() => primary[Symbol.asyncDispose]());
  const standby = await startStandby(primary);
  t.after(() => standby[Symbol.asyncDispose]());
  await primary.kill();
  const db = new PooledPostgreSQLDatabase({
    url: primary.url,
    hosts: [primary, standby].map(({ host, port }) => ({ host, port })),
  });
  t.after(() => db.closeAll());
  await assert.rejects(
    db.withConnection(() => 1),
    (error: unknown) => {
      assert.ok(error instanceof ConnectError);
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${primary.port}.*nothing listens there`));
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${standby.port}, which takes no writes now`));
      return true;
    },
  );
  await until("the standby to be left alone", async () => {
    const rows = await standby.exec("select from pg_stat_activity where backend_type = 'client backend'");
    return rows.length === 1;
  });
});

test("PostgreSQL: a connection to a server that a switchover made read-only moves everybody to the next host", async (t) => {
  const [one, two] = await Promise.all([startServer("postgresql", t), startServer("postgresql", t)]);
  for (const server of [one, two]) await inviteGuest("postgresql", server);
  const db = new PooledPostgreSQLDatabase({
    url: guestUrl("postgresql", one.url),
    hosts: [one, two].map(({ host, port }) => ({ host, port })),
    maxConnections: 4,
  });
  t.after(() => db.closeAll());
  await db.withConnection(() => db.sql("insert into things values (1)"));
  await one.exec("alter system set default_transaction_read_only = on");
  await one.exec("select pg_reload_conf()");
  await until("the other host to be used", () =>
    db.withConnection(async () => {
      await db.sql("insert into things values (2)").catch(() => {});
      return (await two.exec("select from things")).length === 1;
    }),
  );
});

test("MySQL: a host that is set to read-only is passed over", async (t) => {
  const [one, two] = await Promise.all([startServer("mysql", t), startServer("mysql", t)]);
  for (const server of [one, two]) await inviteGuest("mysql", server);
  await one.exec("set global read_only = 1");
  const db = new PooledMySQLDatabase({
    url: guestUrl("mysql", one.url),
    hosts: [one, two].map(({ host, port }) => ({ host, port })),
  });
  t.after(() => db.closeAll());
  await db.withConnection(() => db.sql("insert into things values (1)"));
  assert.equal((await two.exec("select * from test.things")).length, 1);
  // And back, when the roles are changed at run time.
  await one.exec("set global read_only = 0");
  await two.exec("set global read_only = 1");
  await assert.rejects(
    db.withConnection(() => db.sql("insert into things values (2)")),
    { errno: 1290 },
  );
  await db.withConnection(() => db.sql("insert into things values (3)"));
  assert.equal((await one.exec("select * from test.things")).length, 1);
});

test("a host that is silent does not use up the time of the next", async (t) => {
  const server = await startServer("postgresql", t);
  await inviteGuest("postgresql", server);
  const silent = await startProxy(server.url);
  t.after(() => silent[Symbol.asyncDispose]());
  silent.stall();
  const db = new PooledPostgreSQLDatabase({
    url: guestUrl("postgresql", server.url),
    hosts: [silent, server].map(({ host, port }) => ({ host, port })),
    connectTimeout: "2s",
  });
  t.after(() => db.closeAll());
  assert.deepEqual(await db.withConnection(() => db.get("select 1 as one")), { one: 1 });
  await silent.pass();
  await until("nothing to be left at the silent one", () => silent.open === 0);
  await db.withConnection(() => db.withConnection(() => 1, { fresh: true }));
  assert.equal(silent.accepted, 1, "the next connect begins with the host that answered");
});
