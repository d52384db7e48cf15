import assert from "node:assert/strict";
import { test } from "node:test";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { FRAMEWORKS, start } from "./apps.ts";
import { Client } from "./clients.ts";

const SLEEP = { postgresql: "select pg_sleep(10)", mysql: "select sleep(10)" } as const;
/** Sessions that are executing the long statement now. */
const SLEEPING = {
  postgresql:
    "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select pg_sleep%'",
  mysql:
    "select 1 from information_schema.processlist where db = database() and info like 'select sleep%' and command <> 'Killed'",
} as const;
/** A while of counting: SQLite can't be told to stop. */
const COUNT =
  "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000000) select count(*) from n";

for (const framework of FRAMEWORKS) {
  for (const kind of ["postgresql", "mysql"] as const) {
    for (const transaction of [false, true]) {
      const how = transaction ? " in a transaction" : "";
      test(`${framework} on ${kind}: a client leaves while a statement of 10 s runs${how}, which is cancelled`, async (t) => {
        const db = await openPooled(kind, t, { maxConnections: 1, timeout: "20s" });
        let told: unknown;
        const { url } = await start(
          framework,
          db,
          { transaction },
          async () => {
            await db.sql(SLEEP[kind]).catch((error) => {
              told = error;
              throw error;
            });
            return {};
          },
          t,
        );
        const client = new Client(url);
        await until("the statement to run", async () => (await db.fresh.exec(SLEEPING[kind])).length === 1);
        const before = performance.now();
        client.leave();
        await until("the connection to be back", () => db.stats().inUse === 0);
        await until(
          "the server to have stopped",
          async () => (await db.fresh.exec(SLEEPING[kind])).length === 0,
        );
        assert.ok(performance.now() - before < 5000, "far sooner than the statement would have ended");
        assert.equal((told as Error).name, "AbortError");
        assert.match(String((told as Error).cause), /client has gone away/);
        // The connection was cancelled, not lost.
        await db.withConnection(() => db.select("select 1"));
        assert.equal(db.stats().connects, 1);
      });
    }
  }

  test(`${framework} on sqlite: a client leaves while a statement runs, whose connection comes back with its end`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 1, timeout: "20s" });
    let running = false;
    let told: unknown;
    const { url } = await start(
      framework,
      db,
      { transaction: true },
      async () => {
        await db.select("select 1");
        running = true;
        await db.select(COUNT).catch((error) => {
          told = error.name;
        });
        return {};
      },
      t,
    );
    const client = new Client(url);
    await until("the statement to run", () => running);
    client.leave();
    await until("the handler to be told", () => told !== undefined);
    assert.equal(told, "AbortError");
    await until("the connection to be back", () => db.stats().inUse === 0);
    assert.equal((await db.withConnection(() => db.select("select 1"))).length, 1);
  });

  test(`${framework}: with cancelOnDisconnect: false the statement runs to its end, and no other follows`, async (t) => {
    const db = await openPooled("postgresql", t, { maxConnections: 1, timeout: "20s" });
    await db.fresh.exec("create table done (at int)");
    const told: unknown[] = [];
    const { url } = await start(
      framework,
      db,
      { cancelOnDisconnect: false },
      async () => {
        await db.sql("with waited as (select pg_sleep(1)) insert into done select 1 from waited");
        told.push("done");
        told.push(await db.sql("insert into done values (2)").catch((error) => error.code));
        return {};
      },
      t,
    );
    const client = new Client(url);
    await until("the statement to run", () => db.stats().inUse === 1);
    client.leave();
    await until("the handler to go on", () => told.length === 2);
    assert.deepEqual(told, ["done", "REQUEST_ENDED"]);
    await until("the connection to be back", () => db.stats().inUse === 0);
    assert.deepEqual(await db.fresh.exec("select at from done"), [{ at: 1 }]);
  });

  test(`${framework}: a client that leaves while its request waits for a connection waits no more`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 1, timeout: 0 });
    let told: unknown;
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await db.select("select 1").catch((error) => {
          told = error.name;
        });
        return {};
      },
      t,
    );
    await db.withConnection(async () => {
      const client = new Client(url);
      await until("the request to wait", () => db.stats().waiting === 1);
      client.leave();
      await until("nobody to wait", () => db.stats().waiting === 0);
      await until("the handler to be told", () => told === "AbortError");
    });
    assert.equal(db.stats().acquired, 1);
  });

  test(`${framework}: a client that leaves between two statements gives the connection back at once`, async (t) => {
    const db = await openPooled("postgresql", t, { maxConnections: 1, timeout: "20s" });
    const told: unknown[] = [];
    let between = false;
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await db.sql("select 1");
        const conn = db.conn;
        between = true;
        await until("the connection to be back", () => db.stats().inUse === 0);
        told.push(await db.sql("select 2").catch((error) => error.code));
        told.push(await conn.sql("select 3").catch((error) => error.code));
        return {};
      },
      t,
    );
    const client = new Client(url);
    await until("the first statement", () => between);
    client.leave();
    await until("the handler to go on", () => told.length === 2);
    assert.deepEqual(told, ["REQUEST_ENDED", "ABORT_ERR"]);
  });
}
