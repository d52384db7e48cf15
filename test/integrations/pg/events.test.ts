import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import type pg from "pg";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/wait.ts";
import { type Context, openBoth, openPool } from "./open.ts";

const PgPool: typeof pg.Pool = createRequire(import.meta.url)("pg-pool");

test("events come in pg-pool's order with pg-pool's arguments", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  const heard: unknown[][] = [];
  pool.on("connect", (...given) => heard.push(["connect", ...given]));
  pool.on("acquire", (...given) => heard.push(["acquire", ...given]));
  pool.on("release", (...given) => heard.push(["release", ...given]));
  pool.on("remove", (...given) => heard.push(["remove", ...given]));
  const client = await pool.connect();
  assert.deepEqual(heard, [
    ["connect", client],
    ["acquire", client],
  ]);
  client.release();
  const again = await pool.connect();
  const why = new Error("enough");
  again.release(why);
  await pool.end();
  assert.deepEqual(heard.slice(2), [
    ["release", undefined, client],
    ["acquire", client],
    ["release", why, client],
    ["remove", client],
  ]);
});

test("remove is told only of a client of which connect has told", async (t) => {
  let refuse = true;
  const { pool } = await openPool(t, {
    max: 1,
    onConnect: () => {
      if (refuse) throw new Error("not this one");
    },
  });
  const heard: string[] = [];
  pool.on("connect", () => heard.push("connect"));
  pool.on("remove", () => heard.push("remove"));
  await assert.rejects(pool.query("select 1"), /not this one/);
  assert.deepEqual(heard, []);
  refuse = false;
  await pool.query("select 1");
  await pool.end();
  assert.deepEqual(heard, ["connect", "remove"]);
});

test("a listener of connect makes a client ready before its first holder's statements", async (t) => {
  const { pool } = await openPool(t, { max: 1 });
  pool.on("connect", (client) => void client.query("set search_path to made_ready"));
  for (let i = 0; i < 3; i++) {
    assert.equal((await pool.query("show search_path")).rows[0].search_path, "made_ready");
  }
});

async function openTheirs(t: Context): Promise<{ pool: pg.Pool }> {
  const { url } = await freshDatabase("postgresql", t);
  const pool: pg.Pool = new PgPool({ connectionString: url });
  t.after(() => pool.end());
  return { pool };
}

for (const [what, open] of [
  ["pg-pool itself", openTheirs],
  ["a pool of its own", openPool],
  ["a pool over a database object", openBoth],
] as const) {
  test(`error is told once of a client that dies idle, and never of one that is given back to be ended: ${what}`, async (t) => {
    const { pool } = await open(t);
    let heard: unknown[] = [];
    let removed = 0;
    pool.on("error", (error: Error & { code?: string }) => heard.push(error.code ?? error.message));
    pool.on("remove", () => removed++);
    const dies = "select pg_terminate_backend(pg_backend_pid())";
    const killed = async (): Promise<pg.PoolClient> => {
      const client = await pool.connect();
      client.on("error", () => {});
      await assert.rejects(client.query(dies), { code: "57P01" });
      return client;
    };

    await assert.rejects(pool.query(dies), { code: "57P01" });
    (await killed()).release(new Error("It is dead."));
    (await killed()).release(true);
    await until("all three to be gone", () => removed === 3);
    assert.deepEqual(heard, []);

    // Nobody has said that it is of no use: its connection's end is news.
    (await killed()).release();
    await until("that one to be gone", () => removed === 4);
    // The database object's driver has read that the session was ended, and may have closed the client by then.
    if (open !== openBoth) assert.deepEqual(heard, ["Connection terminated unexpectedly"]);

    heard = [];
    const [idle, busy] = [await pool.connect(), await pool.connect()];
    const { rows } = await idle.query("select pg_backend_pid() as pid");
    idle.release();
    await busy.query("select pg_terminate_backend($1)", [rows[0].pid]);
    await until("the idle one to be gone", () => removed === 5);
    assert.deepEqual(heard, ["57P01"]);
    busy.release();
  });
}

test("log is told what the pool does", async (t) => {
  const said: unknown[] = [];
  const { pool } = await openPool(t, { maxUses: 1, log: (...words) => said.push(words[0]) });
  await pool.query("select 1");
  for (const words of ["connecting new client", "dispatching query", "remove expended client"]) {
    assert.ok(said.includes(words), words);
  }
});
