import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Pool } from "apocryphan/pg";
import type pg from "pg";
import { freshDatabase } from "../../support/database.ts";
import { openBoth, openPool } from "./open.ts";

const require = createRequire(import.meta.url);
type Class = new (options: pg.PoolConfig) => pg.Pool;
const PgPool: Class & { readonly prototype: object } = require("pg-pool");

/** What a program sees of a pool: its events, its counts after each step, the words of its errors. */
async function seen(Made: Class, url: string): Promise<unknown[]> {
  const log: unknown[] = [];
  const pool = new Made({ connectionString: url, max: 2 });
  const names = new Map<unknown, string>();
  const nameOf = (client: unknown): string => {
    if (!names.has(client)) names.set(client, `client ${names.size + 1}`);
    return names.get(client) ?? "";
  };
  for (const event of ["connect", "acquire", "remove"] as const) {
    pool.on(event, (client) => log.push([event, nameOf(client)]));
  }
  pool.on("release", (error: Error | boolean | undefined, client) => {
    log.push(["release", error instanceof Error ? error.message : error, nameOf(client)]);
  });
  const step = (name: string): void => {
    log.push([name, pool.totalCount, pool.idleCount, pool.waitingCount, pool.expiredCount]);
  };
  const words = (promise: Promise<unknown>): Promise<void> =>
    promise.then(
      () => void log.push("no error"),
      (error: Error & { code?: string }) => void log.push([error.name, error.message, error.code]),
    );
  step("new");
  const one = await pool.connect();
  step("one");
  const two = await pool.connect();
  const third = pool.connect();
  step("a third waits");
  one.release();
  const three = await third;
  log.push(three === one);
  assert.throws(() => {
    one.release();
    one.release();
  }, /Release called on client/);
  step("given back");
  two.release();
  step("both");
  await words(pool.query("select 1 / 0"));
  step("a query failed");
  await words(pool.query("select $1::int as n", ["not a number"]));
  await words(pool.query("select 1", "no list" as unknown as unknown[]));
  step("and two more");
  const last = await pool.connect();
  last.release(new Error("enough"));
  step("thrown away");
  log.push(
    (await pool.query("select 1::int8 as a, '2020-01-01'::date as b, null as c, array[1, 2] as d")).rows,
  );
  await pool.end();
  step("ended");
  log.push(pool.ending, pool.ended);
  await words(pool.connect());
  await words(pool.query("select 1"));
  await words(pool.end());
  return log;
}

test("a program sees of the pool what it sees of pg-pool", async (t) => {
  const { url } = await freshDatabase("postgresql", t);
  // When a connection is really gone is up to the server; that it is told of is not.
  const inOrder = (log: unknown[]) => log.filter((entry) => !(Array.isArray(entry) && entry[0] === "remove"));
  const [theirs, ours] = [await seen(PgPool, url), await seen(Pool, url)];
  assert.deepEqual(inOrder(ours), inOrder(theirs));
  assert.equal(ours.length, theirs.length, "and is told of as many removed clients");
});

test("a holder counts his own listeners of error alone, and a connection that dies without any ends no process", async (t) => {
  for (const open of [openPool, openBoth]) {
    const { pool, fresh } = await open(t);
    const told: unknown[] = [];
    pool.on("error", (error) => told.push(error));
    const client = await pool.connect();
    assert.equal(client.listenerCount("error"), 0);
    const heard: Error[] = [];
    const listen = (error: Error) => heard.push(error);
    client.on("error", listen);
    assert.equal(client.listenerCount("error"), 1);
    client.off("error", listen);
    client.release();
    assert.equal(await pool.connect(), client, "the same once more");
    assert.equal(client.listenerCount("error"), 0);
    const { processID } = client as unknown as { processID: number };
    const ended = new Promise((resolve) => client.once("end", resolve));
    await fresh.exec("select pg_terminate_backend($1)", [processID]);
    await ended;
    client.release();
    assert.deepEqual([heard, told], [[], []]);
    assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
  }
});

test("whatever pg-pool offers, the pool does in its own way", () => {
  const offered = Object.getOwnPropertyNames(PgPool.prototype).filter((name) => !/^_|^newClient$/.test(name));
  assert.ok(offered.length >= 8);
  for (const name of offered) assert.ok(Object.hasOwn(Pool.prototype, name), name);
});
