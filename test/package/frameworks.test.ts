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

test("a test under Vitest can import the package and use a database", async () => {
  const folder = await project("vitest@5");
  write(folder, { "works.test.mjs": body(`import { expect, test } from "vitest";\n${IMPORT}`) });
  const { code, stdout, stderr } = await run(process.execPath, ["node_modules/.bin/vitest", "run"], folder);
  assert.match(stdout, /Tests\s+1 passed/, stderr);
  assert.equal(code, 0, stderr);
});
