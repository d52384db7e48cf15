import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionError } from "apocryphan";
import { Pool, type PoolConfig } from "apocryphan/pg";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/wait.ts";
import { openPool } from "./open.ts";

test("options have pg-pool's defaults, and the object that was given stays as it is", () => {
  const given = Object.freeze({ host: "127.0.0.1", application_name: "app" });
  const { options } = new Pool(given);
  assert.deepEqual(
    { ...options },
    {
      ...given,
      max: 10,
      min: 0,
      maxUses: Number.POSITIVE_INFINITY,
      allowExitOnIdle: false,
      maxLifetimeSeconds: 0,
      idleTimeoutMillis: 10_000,
    },
  );
  assert.equal(new Pool({ poolSize: 7 } as PoolConfig).options.max, 7);
  assert.equal(new Pool().options.max, 10);
});

test("a password or a key is there for the clients and for a copy, but is not printed", () => {
  const ssl = { key: "the key itself" };
  const pool = new Pool({ host: "127.0.0.1", password: "hunter2-7", ssl });
  for (const shown of [inspect(pool, { depth: 9 }), JSON.stringify(pool), inspect(pool.options)]) {
    assert.doesNotMatch(shown, /hunter2-7|the key itself/);
  }
  assert.equal(pool.options.password, "hunter2-7");
  assert.equal(new Pool(pool.options).options.password, "hunter2-7");
});

test("a max that is no number of clients is refused; the rest of what pg-pool takes is taken", () => {
  for (const max of [-1, Number.NaN * 1 || "many", {}]) {
    assert.throws(() => new Pool({ max } as PoolConfig), OptionError);
  }
  assert.doesNotThrow(() => new Pool({ max: "4", min: 9, unheardOf: true } as unknown as PoolConfig));
  assert.throws(() => new Pool({ leakTimeout: "soon" }), OptionError);
});

test("idleTimeoutMillis ends who lies idle, but for min, and opens none", async (t) => {
  const { pool } = await openPool(t, { max: 3, min: 1, idleTimeoutMillis: 50 });
  assert.equal(pool.totalCount, 0);
  await Promise.all([1, 2, 3].map(() => pool.query("select pg_sleep(0.05)")));
  await until("two to end", () => pool.totalCount === 1);
  assert.equal(pool.idleCount, 1);
  const { pool: keeping } = await openPool(t, { idleTimeoutMillis: 0 });
  await keeping.query("select 1");
  await until("the other pool's last client to have had its time", () => pool.totalCount === 1);
  assert.equal(keeping.idleCount, 1);
});

test("maxUses ends a client after so many holders", async (t) => {
  const { pool } = await openPool(t, { max: 1, maxUses: 3 });
  const pids: unknown[] = [];
  for (let i = 0; i < 7; i++) pids.push((await pool.query("select pg_backend_pid() as pid")).rows[0].pid);
  assert.equal(new Set(pids).size, 3);
});

test("maxLifetimeSeconds ends a client when it is idle, or when it comes back", async (t) => {
  const { pool } = await openPool(t, { max: 2, maxLifetimeSeconds: 0.3 });
  await pool.query("select 1");
  const client = await pool.connect();
  await until("the time to be over", () => pool.expiredCount === 1);
  assert.equal(pool.totalCount, 1);
  client.release();
  assert.deepEqual([pool.totalCount, pool.expiredCount], [0, 0]);
  await pool.query("select 1");
  await until("the idle one to end", () => pool.totalCount === 0);
});

test("our own options work beside pg's: maxWaiting, leakTimeout, name", async (t) => {
  const { pool } = await openPool(t, { max: 1, maxWaiting: 1, leakTimeout: "20ms", name: "reports" });
  const warned = once(process, "warning");
  const client = await pool.connect();
  const waiting = pool.query("select 1");
  await assert.rejects(pool.query("select 2"), (error: Error) => /maxWaiting/.test(String(error.cause)));
  const [warning] = await warned;
  assert.match(String(warning), /pool "reports" has been held/);
  client.release();
  await waiting;
});

test("with allowExitOnIdle a program ends when only idle clients are left, else when they have ended", async (t) => {
  const fresh = await freshDatabase("postgresql", t);
  const program = join(import.meta.dirname, "programs", "idle.ts");
  const ends = async (allow: string): Promise<number> => {
    const began = performance.now();
    const child = spawn(process.execPath, ["--conditions=apocryphan-source", program, fresh.url, allow], {
      stdio: "inherit",
    });
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    return performance.now() - began;
  };
  const IDLE = 6000;
  assert.ok((await ends("allow")) < IDLE);
  assert.ok((await ends("wait")) >= IDLE);
});
