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
