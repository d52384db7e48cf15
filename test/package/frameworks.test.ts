import assert from "node:assert/strict";
import { test } from "node:test";
import { project, run, write } from "./project.ts";

const body = (load: string): string => `
${load}
test("the package works", async () => {
  const db = new PooledSQLiteDatabase({ database: ":memory:" });
  expect(db instanceof SQLiteDatabase).toBe(true);
  await db.withConnection(async (conn) => {
    await conn.sql("create table things (id integer)");
    expect(await conn.select("select 1 as one")).toEqual([{ one: 1 }]);
  });
  await db.closeAll();
});
`;
const REQUIRE = `const { SQLiteDatabase } = require("apocryphan");\nconst { PooledSQLiteDatabase } = require("apocryphan/pool");`;
const IMPORT = `import { SQLiteDatabase } from "apocryphan";\nimport { PooledSQLiteDatabase } from "apocryphan/pool";`;

test("a test under Jest can require the package and use a database", async () => {
  const folder = await project("jest@30");
  write(folder, { "works.test.js": body(REQUIRE) });
  const { code, stderr } = await run(process.execPath, ["node_modules/.bin/jest"], folder);
  assert.match(stderr, /Tests:\s+1 passed, 1 total/);
  assert.equal(code, 0, stderr);
});

const MIGRATION = `/** things */
import { step } from "apocryphan/rider";
export const depends: string[] = [];
const names: readonly string[] = ["a", "b"];
export const steps = [
  step("create table things (name text)", "drop table things"),
  step(async (db) => {
    for (const name of names) await db.sql("insert into things values (?)", [name]);
  }),
];
`;

const MIGRATES = `
const { SQLiteDatabase } = require("apocryphan");
const { MigrateError, Rider } = require("apocryphan/rider");
test("the migrations work", async () => {
  const db = new SQLiteDatabase({ database: "app.db" });
  const rider = new Rider(db, { source: "migrations" });
  const { applied } = await rider.migrate();
  expect(applied).toEqual(["1-things", "2-more"]);
  expect(await db.select("select name from things order by name")).toEqual([{ name: "a" }, { name: "b" }]);
  const { rolledBack } = await rider.rollback({ all: true });
  expect(rolledBack).toEqual(["2-more", "1-things"]);
  require("node:fs").writeFileSync("migrations/3-wrong.sql", "create tabel wrong (id int);");
  await expect(rider.migrate()).rejects.toThrow(MigrateError);
});
`;

test("a test under Jest can run the project's migrations, in TypeScript as they are", async () => {
  const folder = await project("jest@30");
  write(folder, {
    "migrates.test.js": MIGRATES,
    "migrations/1-things.ts": MIGRATION,
    "migrations/2-more.sql": "-- depends: 1-things\ncreate table more (id int);",
    "migrations/2-more.rollback.sql": "drop table more;",
  });
  const { code, stderr } = await run(process.execPath, ["node_modules/.bin/jest"], folder);
  assert.match(stderr, /Tests:\s+1 passed, 1 total/);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /Warning/);
});

test("a test under Vitest can import the package and use a database", async () => {
  const folder = await project("vitest@5");
  write(folder, { "works.test.mjs": body(`import { expect, test } from "vitest";\n${IMPORT}`) });
  const { code, stdout, stderr } = await run(process.execPath, ["node_modules/.bin/vitest", "run"], folder);
  assert.match(stdout, /Tests\s+1 passed/, stderr);
  assert.equal(code, 0, stderr);
});
