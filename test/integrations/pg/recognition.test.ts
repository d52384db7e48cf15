import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { test } from "node:test";
import Default, { Pool } from "apocryphan/pg";
import pg from "pg";
import { freshDatabase } from "../../support/database.ts";
import { openPool } from "./open.ts";

const require = createRequire(import.meta.url);

test("a pool is an instance of pg's own class, and its class is called as pg's is", () => {
  const pool = new Pool({ host: "127.0.0.1" });
  assert.ok(pool instanceof pg.Pool);
  assert.ok(pool instanceof Pool);
  assert.ok(pool instanceof EventEmitter);
  assert.equal(pool.constructor.name, new pg.Pool().constructor.name);
  assert.equal(pool.constructor.name, "BoundPool");
  assert.equal(Object.getPrototypeOf(pool).constructor.name, "BoundPool");
  assert.ok(!(new pg.Pool() instanceof Pool), "pg's own is not ours");
});

test("it can be subclassed, and a subclass has its say", async (t) => {
  class Counting extends Pool {
    count = 0;
    override query = ((...given: unknown[]) => {
      this.count++;
      return (super.query as (...all: unknown[]) => unknown)(...given);
    }) as Pool["query"];
  }
  const fresh = await freshDatabase("postgresql", t);
  const pool = new Counting({ connectionString: fresh.url });
  assert.equal(pool.constructor.name, "Counting");
  assert.ok(pool instanceof pg.Pool);
  await pool.query("select 1");
  await pool.end();
  assert.equal(pool.count, 1);
});

test("require gives the class itself, which has itself as Pool and as default", () => {
  const required: unknown = require("apocryphan/pg");
  assert.equal(required, Pool);
  assert.equal(Default, Pool);
  assert.equal(Pool.Pool, Pool);
  assert.equal(Pool.default, Pool);
});

test("it makes clients of the class that it is given, and needs no pg then", async () => {
  const made: unknown[] = [];
  class Client extends EventEmitter {
    constructor(options: unknown) {
      super();
      made.push(options);
    }
    connect(callback: (error?: Error) => void): void {
      setImmediate(callback);
    }
    query(_text: string, _values: unknown, callback: (error: null, result: unknown) => void): void {
      setImmediate(callback, null, { rows: ["mine"] });
    }
    end(callback: () => void): void {
      setImmediate(callback);
    }
  }
  for (const pool of [
    new Pool({ connectionString: "postgres://a/b" }, Client as never),
    new Pool({ connectionString: "postgres://a/b", Client: Client as never }),
  ]) {
    assert.deepEqual((await pool.query("anything")).rows, ["mine"]);
    assert.ok((await pool.connect()) instanceof Client);
  }
  assert.equal(made.length, 2);
  assert.equal((made[0] as { connectionString: string }).connectionString, "postgres://a/b");
});

test("pg itself can be given it in place of pg-pool: pg.Pool is then made from it", async (t) => {
  const fresh = await freshDatabase("postgresql", t);
  const program = `
    const Module = require("node:module");
    const find = Module._resolveFilename;
    const ours = require.resolve("apocryphan/pg");
    Module._resolveFilename = function (name, ...rest) {
      return name === "pg-pool" ? ours : find.call(this, name, ...rest);
    };
    const Ours = require("apocryphan/pg");
    const pg = require("pg");
    const pool = new pg.Pool({ connectionString: process.env.URL, max: 2 });
    const all = [pool instanceof Ours, pool instanceof pg.Pool, pool.constructor.name];
    pool.connect().then(async (client) => {
      all.push(client instanceof pg.Client);
      client.release();
      all.push((await pool.query("select 1 as one")).rows);
      await pool.end();
      console.log(JSON.stringify(all));
    });`;
  const out = execFileSync(
    process.execPath,
    ["--conditions=apocryphan-source", "--input-type=commonjs", "-e", program],
    { cwd: import.meta.dirname, encoding: "utf8", env: { ...process.env, URL: fresh.url } },
  );
  assert.deepEqual(JSON.parse(out), [true, true, "BoundPool", true, [{ one: 1 }]]);
});

test("two pools side by side, ours and pg's, do not disturb each other", async (t) => {
  const { pool, fresh } = await openPool(t);
  const theirs = new pg.Pool({ connectionString: fresh.url });
  assert.deepEqual((await theirs.query("select 1 as one")).rows, (await pool.query("select 1 as one")).rows);
  await theirs.end();
});
