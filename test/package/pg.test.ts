import assert from "node:assert/strict";
import { before, test } from "node:test";
import { serverUrl } from "../support/database.ts";
import { project, run, write } from "./project.ts";

let url: string;
before(async () => {
  url = await serverUrl("postgresql");
});

/** Runs a program in a project that has the package and pg, and gives what it wrote as JSON. */
async function answers(name: string, text: string): Promise<unknown> {
  const folder = await project("pg@8");
  write(folder, { [name]: text });
  const { code, stdout, stderr } = await run(process.execPath, [name], folder, { URL: url });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const USE = `
  const pool = new Pool({ connectionString: process.env.URL });
  pool.query("select 1 as one").then(async ({ rows }) => {
    const seen = [rows, pool instanceof pg.Pool];
    await pool.end();
    console.log(JSON.stringify(seen));
  });`;
const SEEN = [[{ one: 1 }], true];

test("a CommonJS program requires the pool as it required pg-pool, or by its name", async () => {
  const direct = `const Pool = require("apocryphan/pg"); const pg = require("pg"); ${USE}`;
  const named = `const { Pool } = require("apocryphan/pg"); const pg = require("pg"); ${USE}`;
  assert.deepEqual(await answers("direct.cjs", direct), SEEN);
  assert.deepEqual(await answers("named.cjs", named), SEEN);
});

test("an ES module imports it", async () => {
  const text = `import { Pool } from "apocryphan/pg"; import pg from "pg"; ${USE}`;
  assert.deepEqual(await answers("module.mjs", text), SEEN);
});

test("under Jest it is the class too, and works", async () => {
  const folder = await project("jest@30", "pg@8");
  write(folder, {
    "works.test.js": `
      const Pool = require("apocryphan/pg");
      test("the pool works", async () => {
        expect(Pool.Pool).toBe(Pool);
        const pool = new Pool({ connectionString: process.env.URL }, require("pg").Client);
        expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
        await pool.end();
      });`,
  });
  const { code, stderr } = await run(process.execPath, ["node_modules/.bin/jest"], folder, { URL: url });
  assert.match(stderr, /Tests:\s+1 passed, 1 total/);
  assert.equal(code, 0, stderr);
});

test("under Jest's fake timers, which hold up process.nextTick too, it works as pg's own does", async () => {
  const folder = await project("jest@30", "pg@8");
  write(folder, {
    "faked.test.js": `
      const { Pool } = require("apocryphan/pg");
      const { PooledPostgreSQLDatabase } = require("apocryphan/pool");
      beforeEach(() => void jest.useFakeTimers());
      test("the pool lends, and its time is the test's", async () => {
        const pool = new Pool({ connectionString: process.env.URL, max: 1, connectionTimeoutMillis: 2000 });
        expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
        const client = await pool.connect();
        const waits = pool.connect();
        jest.advanceTimersByTime(2001);
        await expect(waits).rejects.toThrow("timeout exceeded when trying to connect");
        client.release();
        await pool.end();
      });
      test("so does a database object", async () => {
        const db = new PooledPostgreSQLDatabase({ url: process.env.URL, autoconnect: true });
        expect(await db.atomic(() => db.select("select 1 as one"))).toEqual([{ one: 1 }]);
        expect(await db.select("select 2 as two")).toEqual([{ two: 2 }]);
        await db.closeAll();
      });`,
  });
  const { code, stderr } = await run(process.execPath, ["node_modules/.bin/jest"], folder, { URL: url });
  assert.match(stderr, /Tests:\s+2 passed, 2 total/);
  assert.equal(code, 0, stderr);
});
