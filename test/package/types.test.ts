import assert from "node:assert/strict";
import { test } from "node:test";
import { ENTRIES, projectWithHosts } from "./entries.ts";
import { project, run, write } from "./project.ts";

const CODE = `
import { type ApocryphanError, SQLiteDatabase, sql } from "apocryphan";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { defineConfig, Rider, step } from "apocryphan/rider";

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

// What is undefined counts as left out, everywhere.
type Undefined<Options> = { [Name in keyof Options]-?: undefined };
declare const pooled: Undefined<NonNullable<ConstructorParameters<typeof PooledPostgreSQLDatabase>[0]>>;
export const left = new PooledPostgreSQLDatabase(pooled);
declare const block: Undefined<NonNullable<Parameters<typeof left.atomic>[1]>>;
declare const connect: Undefined<NonNullable<Parameters<typeof left.connect>[0]>>;
declare const scope: Undefined<NonNullable<Parameters<typeof left.withConnection>[1]>>;
void left.atomic(async () => {}, block);
void left.connect(connect);
void left.withConnection(async () => {}, scope);
void left.sql("select 1", [], { signal: undefined, timeout: undefined });
declare const configured: Undefined<NonNullable<Parameters<typeof defineConfig>[0]>>;
const rider = new Rider(left, defineConfig(configured));
declare const migrate: Undefined<NonNullable<Parameters<typeof rider.migrate>[0]>>;
void rider.migrate(migrate);
void rider.rollback({ last: 1, index: undefined, to: undefined, all: undefined, force: undefined, dryRun: undefined });
step({ migrate: "select 1", rollback: undefined, ignoreErrors: undefined });
`;

/** The strictest there is. */
const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  noEmit: true,
  target: "es2023",
  types: ["node"],
  skipLibCheck: false,
};

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
    "tsconfig.node16.json": JSON.stringify({
      compilerOptions: { ...OPTIONS, module: "node16", verbatimModuleSyntax: true },
      include: ["esm"],
    }),
    "tsconfig.bundler.json": JSON.stringify({
      compilerOptions: {
        ...OPTIONS,
        module: "preserve",
        moduleResolution: "bundler",
        verbatimModuleSyntax: true,
      },
      include: ["esm"],
    }),
  });
  for (const config of ["tsconfig.json", "tsconfig.node16.json", "tsconfig.bundler.json"]) {
    const { code, stdout } = await run(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", config],
      folder,
    );
    assert.equal(stdout, "", config);
    assert.equal(code, 0);
  }
});

/** Each integration as its host's users write it, with something that must not compile. */
const INTEGRATED = `
import { instrument } from "apocryphan/opentelemetry";
import { drizzle } from "apocryphan/drizzle";
import { connection as onExpress } from "apocryphan/express";
import { connection as onFastify } from "apocryphan/fastify";
import { connection as onHono } from "apocryphan/hono";
import { ApocryphanDialect } from "apocryphan/kysely";
import { connection as onKoa } from "apocryphan/koa";
import { createPool } from "apocryphan/mysql2";
import { createPool as createPromisePool } from "apocryphan/mysql2/promise";
import { Pool } from "apocryphan/pg";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { collect } from "apocryphan/prometheus";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { Kysely } from "kysely";
import type { Pool as CallbackPool } from "mysql2";
import type { Pool as PromisePool } from "mysql2/promise";
import type { Pool as PgPool } from "pg";
import { Registry } from "prom-client";

const db = new PooledPostgreSQLDatabase({ maxConnections: 3 });
interface Tables { contacts: { id: number; name: string } }
const queries = new Kysely<Tables>({ dialect: new ApocryphanDialect(db) });
export async function main(): Promise<string[]> {
  const rows = await queries.selectFrom("contacts").select("name").execute();
  // @ts-expect-error a column that was not asked for
  rows[0]?.id;
  return rows.map(({ name }) => name);
}
const orm = drizzle(db, { casing: "snake_case" });
export const begun: Promise<number> = orm.transaction(async () => 1);
express().use(onExpress(db, { transaction: true }));
void fastify().register(onFastify(db));
new Hono().use(onHono(db));
new Koa().use(onKoa(db));
// @ts-expect-error an option that does not exist
onExpress(db, { transactions: true });
export const pg: PgPool = new Pool({ max: 3, keepalive: "30s" });
export const shared: PgPool = Pool.from(db);
export const mysql: CallbackPool = createPool("mysql://localhost/app");
export const promised: PromisePool = createPromisePool({ connectionLimit: 3 });
instrument(db, { poolName: "app" }).stop();
collect(db, { register: new Registry() }).stop();
`;

test("the types of every entry point hold beside its host's own", async () => {
  const folder = await projectWithHosts("typescript@7", "@types/node@24");
  const all = ENTRIES.map((entry, i) => `export * as entry${i} from "${entry}";`).join("\n");
  for (const kind of ["esm", "cjs"]) {
    write(folder, {
      [`${kind}/package.json`]: JSON.stringify({ type: kind === "esm" ? "module" : "commonjs" }),
      [`${kind}/all.ts`]: all,
      [`${kind}/integrated.ts`]: INTEGRATED,
    });
  }
  write(folder, {
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...OPTIONS, module: "nodenext", esModuleInterop: true },
      include: ["esm", "cjs"],
    }),
    "tsconfig.bundler.json": JSON.stringify({
      compilerOptions: {
        ...OPTIONS,
        module: "preserve",
        moduleResolution: "bundler",
        verbatimModuleSyntax: true,
      },
      include: ["esm"],
    }),
  });
  for (const config of ["tsconfig.json", "tsconfig.bundler.json"]) {
    const { stdout } = await run(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", config, "--listFiles"],
      folder,
    );
    assert.ok(stdout.includes("/apocryphan/dist/integrations/kysely.d.ts"), "our types were read");
    // What the hosts' own types lack is not ours to say: some name packages that are not installed.
    const ours = stdout
      .split("\n")
      .filter((line) => /^(esm|cjs|node_modules\/apocryphan)\/.*error TS/.test(line));
    assert.deepEqual(ours, [], config);
  }
});
