import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { NODES, node, project, run, write } from "./project.ts";

const MAIN = `
import assert from "node:assert/strict";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const door of ["apocryphan", "apocryphan/pool", "apocryphan/rider"]) {
  const imported = await import(door);
  const required = require(door);
  assert.ok(Object.keys(imported).length > 0, door);
  for (const name of Object.keys(imported)) assert.equal(imported[name], required[name], door + " " + name);
}
const { SQLiteDatabase } = await import("apocryphan");
const { PooledSQLiteDatabase } = require("apocryphan/pool");
const pooled = new PooledSQLiteDatabase({ database: ":memory:" });
assert.ok(pooled instanceof SQLiteDatabase);
const rows = await pooled.withConnection((conn) => conn.select("select 1 as one"));
assert.deepEqual(rows, [{ one: 1 }]);
await pooled.closeAll();
console.log("fine");
`;

for (const version of NODES) {
  test(`import and require give the same package, without a warning, on Node.js ${version}`, async () => {
    const folder = await project();
    write(folder, { "main.mjs": MAIN });
    const ran = await run(await node(version), ["main.mjs"], folder);
    assert.deepEqual(ran, { code: 0, stdout: "fine\n", stderr: "" });
  });
}

test("an older Node.js is told in one sentence what is needed", async () => {
  const folder = await project();
  const old = await node("20");
  const sentence =
    /(Apocryphan|rider) needs Node\.js 22\.18 or newer, and this is v20\.\d+\.\d+; install a current one/;
  for (const door of ["apocryphan", "apocryphan/pool", "apocryphan/rider"]) {
    for (const program of [
      `import("${door}").catch((error) => console.log(error.message))`,
      `try { require("${door}") } catch (error) { console.log(error.message) }`,
    ]) {
      const { stdout, stderr } = await run(old, ["-e", program], folder);
      assert.match(stdout, sentence, `${program}\n${stderr}`);
      assert.equal(stdout.trim().split("\n").length, 1);
    }
  }
  const rider = await run(old, ["node_modules/.bin/rider", "--version"], folder);
  assert.match(rider.stderr, sentence);
  assert.equal(rider.stderr.trim().split("\n").length, 1);
  assert.equal(rider.code, 1);
});

test("importing the pool loads no driver and no Rider, though all are installed", async () => {
  const folder = await project("pg", "mysql2", "mariadb", "better-sqlite3");
  write(folder, {
    "main.mjs": `
import { registerHooks } from "node:module";
registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
await import("apocryphan/pool");
`,
  });
  const { stdout } = await run(process.execPath, ["main.mjs"], folder);
  const loaded = stdout.trim().split("\n");
  assert.ok(loaded.some((url) => url.endsWith("/apocryphan/dist/pool.js")));
  assert.deepEqual(
    loaded.filter((url) => !url.includes("/node_modules/apocryphan/dist/") && !url.startsWith("node:")),
    [],
  );
  assert.deepEqual(
    loaded.filter((url) => /\/dist\/(rider|cli|cjs)\b/.test(url) || url === "node:sqlite"),
    [],
  );
  // Files that several doors share are named after nothing, so what is in them has to tell.
  const ours = loaded.filter((url) => url.startsWith("file:"));
  assert.ok(ours.length > 3 && ours.every((url) => existsSync(new URL(url))));
  assert.deepEqual(
    ours.filter((url) => readFileSync(new URL(url), "utf8").includes('"MIGRATE_FAILED"')),
    [],
  );
});

test("the program, rider.ts and the migrations share one copy of every class", async () => {
  const folder = await project();
  write(folder, {
    "rider.ts": `
import { PooledDatabase, PooledSQLiteDatabase } from "apocryphan/pool";
import { Rider } from "apocryphan/rider";
export const db = new PooledSQLiteDatabase({ database: "app.db" });
Object.assign(globalThis, { seen: { Rider, PooledDatabase } });
`,
    "migrations/1-one.ts": `
import { Rider, step } from "apocryphan/rider";
import { PooledDatabase } from "apocryphan/pool";
const { seen } = globalThis as unknown as { seen: { Rider: unknown; PooledDatabase: unknown } };
export const depends: string[] = [];
export const steps = [step(async (db) => {
  await db.sql("create table seen (rider, pool)");
  await db.sql("insert into seen values (?, ?)", [Number(seen.Rider === Rider), Number(seen.PooledDatabase === PooledDatabase)]);
})];
`,
  });
  const rider = join(folder, "node_modules", ".bin", "rider");
  const migrated = await run(rider, ["migrate"], folder);
  assert.deepEqual([migrated.code, migrated.stderr], [0, ""], migrated.stdout);
  const { stdout } = await run(rider, ["run", "--json", "-q", "select * from seen"], folder);
  assert.deepEqual(JSON.parse(stdout).rows, [{ rider: 1, pool: 1 }]);
});

test("a program put into one file by a bundler tells an older Node.js what is needed too", async () => {
  const folder = await project();
  write(folder, {
    "main.mjs":
      'import { PooledSQLiteDatabase } from "apocryphan/pool";\nconsole.log(PooledSQLiteDatabase.name);\n',
  });
  await build({
    absWorkingDir: folder,
    entryPoints: ["main.mjs"],
    outfile: "bundled.mjs",
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const now = await run(process.execPath, ["bundled.mjs"], folder);
  assert.equal(now.stdout, "PooledSQLiteDatabase\n");
  const then = await run(await node("20"), ["bundled.mjs"], folder);
  assert.match(then.stderr, /Apocryphan needs Node\.js 22\.18 or newer, and this is v20\./);
});
