import assert from "node:assert/strict";
import { createRequire, Module } from "node:module";
import { test } from "node:test";
import ours from "apocryphan/mysql2";
import promisedOurs from "apocryphan/mysql2/promise";
import type { PoolOptions } from "mysql2";
import { classes, database, ended } from "./support.ts";

/*
 * A program that asks for mysql2 by its name gets our pool where ours is put into its place, and ours still finds mysql2.
 */

const require = createRequire(import.meta.url);
const one = "select 1 as n";

// First, since mysql2 is looked up once.
test("a hook gives ours to everybody who requires mysql2", async (t) => {
  const hooked = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = hooked._load;
  const given: Record<string, object> = { mysql2: ours, "mysql2/promise": promisedOurs };
  hooked._load = function (request, ...rest) {
    return given[request] ?? load.call(this, request, ...rest);
  };
  t.after(() => {
    hooked._load = load;
  });
  const { createPool, Pool } = require("mysql2") as typeof ours & { Pool: typeof classes.Pool };
  const pool = createPool(database.url);
  t.after(() => ended(pool));
  assert(pool instanceof Pool);
  const promised = (require("mysql2/promise") as typeof promisedOurs).createPool(database.url);
  assert.deepEqual((await promised.query(one))[0], [{ n: 1 }]);
  await promised.end();
  assert.equal((require("mysql2/promise") as { PromisePool?: unknown }).PromisePool, classes.PromisePool);
});

test("our createPool is put in the place of mysql2's own", async (t) => {
  const core = require("mysql2") as { createPool: typeof ours.createPool };
  const promised = require("mysql2/promise") as { createPool: typeof promisedOurs.createPool };
  const [theirs, theirPromised] = [core.createPool, promised.createPool];
  core.createPool = ours.createPool;
  promised.createPool = promisedOurs.createPool;
  t.after(() => {
    core.createPool = theirs;
    promised.createPool = theirPromised;
  });
  const options: PoolOptions = { uri: database.url, connectionLimit: 3 };
  const pool = core.createPool(options);
  t.after(() => ended(pool));
  assert.deepEqual((await pool.promise().query(one))[0], [{ n: 1 }]);
  const another = promised.createPool(options);
  assert.deepEqual((await another.query(one))[0], [{ n: 1 }]);
  await another.end();
});

test("mysql2's other name for the pool with promises stands for ours as well", async () => {
  const { createPoolPromise } = ours as typeof ours & { createPoolPromise: typeof promisedOurs.createPool };
  const pool = createPoolPromise(database.url);
  assert.equal(pool.pool.constructor, promisedOurs.createPool(database.url).pool.constructor);
  assert.deepEqual((await pool.query(one))[0], [{ n: 1 }]);
  await pool.end();
});
