import assert from "node:assert/strict";
import { test } from "node:test";
import { project, run, write } from "./project.ts";

const CODE = `
import { type ApocryphanError, SQLiteDatabase, sql } from "apocryphan";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { defineConfig, step } from "apocryphan/rider";

interface Contact { id: number; name: string }
export async function main(id: number): Promise<string> {
  const db = new SQLiteDatabase({ database: ":memory:" });
  const rows: Contact[] = await db.select<Contact>\`select * from contacts where id = \${id}\`;
  const one: Contact | null = await db.getOrNone<Contact>(sql\`select 1\`);
  return rows[0]?.name ?? one?.name ?? "";
}
export const pool = new PooledPostgreSQLDatabase({ maxConnections: 3, staleTimeout: "5m" });
export const config = defineConfig({ source: "./migrations" });
export const steps = [step("select 1"), step(async (db) => { await db.sql("select 1"); })];
export const code = (error: ApocryphanError): string => error.code;
// @ts-expect-error an option that does not exist
new PooledPostgreSQLDatabase({ maxConection: 3 });
`;

const OPTIONS = { strict: true, noEmit: true, target: "es2023", types: ["node"], skipLibCheck: false };

test("the types hold for ES modules, CommonJS and bundlers, without skipping library checks", async () => {
  const folder = await project("typescript@7", "@types/node@24");
  write(folder, {
    "esm/package.json": '{ "type": "module" }',
    "esm/main.ts": CODE,
    "cjs/package.json": '{ "type": "commonjs" }',
    "cjs/main.ts": CODE,
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...OPTIONS, module: "nodenext" },
      include: ["esm", "cjs"],
    }),
    "tsconfig.bundler.json": JSON.stringify({
      compilerOptions: { ...OPTIONS, module: "preserve", moduleResolution: "bundler" },
      include: ["esm"],
    }),
  });
  for (const config of ["tsconfig.json", "tsconfig.bundler.json"]) {
    const { code, stdout } = await run(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", config],
      folder,
    );
    assert.equal(stdout, "", config);
    assert.equal(code, 0);
  }
});
