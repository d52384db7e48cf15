import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { peersFolder } from "../harness/peers.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Where and what to migrate. */
export interface Job {
  /** An empty folder of the trial's own. */
  readonly folder: string;
  /** The database; for SQLite `sqlite:` and the file. */
  readonly url: string;
  readonly migrations: number;
}

/** A command to run, as often as one likes. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Is written to its standard input. */
  readonly input?: string;
}

/** Writes the migrations as a tool wants to have them, and says how to run it. */
export type Migrator = (job: Job) => Command;

/** What each migration does. */
const table = (i: number): string => `create table t${i} (id int)`;
/** Numbers of equal length, in the order of time. */
const stamp = (i: number): number => 1_700_000_000_000 + i;

function each(job: Job, write: (i: number) => readonly [string, string]): string {
  const source = join(job.folder, "migrations");
  mkdirSync(source, { recursive: true });
  for (let i = 1; i <= job.migrations; i++) {
    const [name, text] = write(i);
    writeFileSync(join(source, name), text);
  }
  return source;
}

const isSQLite = (job: Job): boolean => job.url.startsWith("sqlite:");
const fileOf = (job: Job): string => job.url.replace(/^sqlite:/, "");
const installed = (path: string): string => join(peersFolder(), "node_modules", path);
const imported = (path: string): string => JSON.stringify(pathToFileURL(installed(path)).href);

/** The published form, which `npm run build` made. */
export const rider: Migrator = (job) => {
  const source = each(job, (i) => [`${stamp(i)}-t${i}.sql`, `${table(i)};\n`]);
  const program = join(ROOT, "dist/cli/bin.js");
  return { command: process.execPath, args: [program, "migrate", "--url", job.url, "--source", source] };
};

export const nodePgMigrate: Migrator = (job) => {
  const source = each(job, (i) => [
    `${stamp(i)}_t${i}.sql`,
    `-- Up Migration\n${table(i)};\n-- Down Migration\ndrop table t${i};\n`,
  ]);
  const program = installed("node-pg-migrate/bin/node-pg-migrate.js");
  return {
    command: process.execPath,
    args: [program, "up", "-m", source],
    env: { DATABASE_URL: job.url },
  };
};

/** The same in TypeScript, which both load as it is written. */
export const riderTypeScript: Migrator = (job) => {
  const command = rider({ ...job, migrations: 0 });
  each(job, (i) => [
    `${stamp(i)}-t${i}.ts`,
    `import { step } from "apocryphan/rider";

/** Makes a table. */
export const steps = [step("${table(i)}", "drop table t${i}")];
`,
  ]);
  return command;
};

export const nodePgMigrateTypeScript: Migrator = (job) => {
  const command = nodePgMigrate({ ...job, migrations: 0 });
  each(job, (i) => [
    `${stamp(i)}_t${i}.ts`,
    `import type { MigrationBuilder } from "node-pg-migrate";

export const up = (pgm: MigrationBuilder): void => pgm.sql("${table(i)}");
export const down = (pgm: MigrationBuilder): void => pgm.sql("drop table t${i}");
`,
  ]);
  return command;
};

export const knex: Migrator = (job) => {
  const source = each(job, (i) => [
    `${stamp(i)}_t${i}.cjs`,
    `exports.up = (knex) => knex.raw("${table(i)}");\nexports.down = (knex) => knex.raw("drop table t${i}");\n`,
  ]);
  const client = isSQLite(job) ? "better-sqlite3" : "pg";
  const connection = isSQLite(job) ? { filename: fileOf(job) } : job.url;
  const file = join(job.folder, "knexfile.cjs");
  const migrations = { directory: source, loadExtensions: [".cjs"] };
  const config = { client, connection, useNullAsDefault: true, migrations };
  writeFileSync(file, `module.exports = ${JSON.stringify(config)};\n`);
  // Its command looks for knex from the folder in which it is used.
  symlinkSync(installed(""), join(job.folder, "node_modules"));
  return {
    command: process.execPath,
    args: [installed("knex/bin/cli.js"), "migrate:latest", "--knexfile", file],
  };
};

/** Kysely brings no command; this is the program that its documentation shows. */
export const kysely: Migrator = (job) => {
  const source = each(job, (i) => [
    `${stamp(i)}_t${i}.mjs`,
    `import { sql } from ${imported("kysely/dist/index.js")};\nexport const up = (db) => sql\`${table(i)}\`.execute(db);\n`,
  ]);
  const dialect = isSQLite(job)
    ? `new SqliteDialect({ database: new Driver(${JSON.stringify(fileOf(job))}) })`
    : `new PostgresDialect({ pool: new Driver.Pool({ connectionString: ${JSON.stringify(job.url)} }) })`;
  const driver = isSQLite(job) ? "better-sqlite3/lib/index.js" : "pg/lib/index.js";
  return program(
    job,
    `import { promises as fs } from "node:fs";
import path from "node:path";
import Driver from ${imported(driver)};
import { Kysely, PostgresDialect, SqliteDialect } from ${imported("kysely/dist/index.js")};
import { FileMigrationProvider, Migrator } from ${imported("kysely/dist/migration/index.js")};
const db = new Kysely({ dialect: ${dialect} });
const provider = new FileMigrationProvider({ fs, path, migrationFolder: ${JSON.stringify(source)} });
const { error } = await new Migrator({ db, provider }).migrateToLatest();
await db.destroy();
if (error) throw error;
`,
  );
};

export const drizzle: Migrator = (job) => {
  const source = each(job, (i) => [`${stamp(i)}_t${i}.sql`, `${table(i)};\n`]);
  mkdirSync(join(source, "meta"));
  const entries = Array.from({ length: job.migrations }, (_, i) => ({
    ...{ idx: i, version: "7", when: stamp(i + 1), tag: `${stamp(i + 1)}_t${i + 1}`, breakpoints: true },
  }));
  const dialect = isSQLite(job) ? "sqlite" : "postgresql";
  writeFileSync(join(source, "meta/_journal.json"), JSON.stringify({ version: "7", dialect, entries }));
  const folder = JSON.stringify({ migrationsFolder: source });
  return program(
    job,
    isSQLite(job)
      ? `import Database from ${imported("better-sqlite3/lib/index.js")};
import { drizzle } from ${imported("drizzle-orm/better-sqlite3/index.js")};
import { migrate } from ${imported("drizzle-orm/better-sqlite3/migrator.js")};
migrate(drizzle(new Database(${JSON.stringify(fileOf(job))})), ${folder});
`
      : `import pg from ${imported("pg/lib/index.js")};
import { drizzle } from ${imported("drizzle-orm/node-postgres/index.js")};
import { migrate } from ${imported("drizzle-orm/node-postgres/migrator.js")};
const client = new pg.Client(${JSON.stringify(job.url)});
await client.connect();
await migrate(drizzle(client), ${folder});
await client.end();
`,
  );
};

function program(job: Job, text: string): Command {
  const file = join(job.folder, "migrate.mjs");
  writeFileSync(file, text);
  return { command: process.execPath, args: [file] };
}

/** Where dbmate's program lies, which exists for this platform only where the lock file names it. */
export const dbmateProgram = (): string =>
  installed(`@dbmate/${process.platform}-${process.arch}/bin/dbmate`);

export const dbmate: Migrator = (job) => {
  const source = each(job, (i) => [
    `${stamp(i)}_t${i}.sql`,
    `-- migrate:up\n${table(i)};\n-- migrate:down\ndrop table t${i};\n`,
  ]);
  const url = isSQLite(job) ? job.url : `${job.url}?sslmode=disable`;
  const args = ["--url", url, "--migrations-dir", source, "--no-dump-schema", "up"];
  return { command: dbmateProgram(), args };
};

/** The same tables, and a row of history for each, in one transaction. */
function script({ migrations }: Job): string {
  const lines = ["begin;", "create table history (migration varchar(256) primary key);"];
  for (let i = 1; i <= migrations; i++)
    lines.push(`${table(i)};`, `insert into history values ('${stamp(i)}-t${i}');`);
  return `${lines.join("\n")}\ncommit;\n`;
}

export const psql: Migrator = (job) => {
  const file = join(job.folder, "all.sql");
  writeFileSync(file, script(job));
  return { command: "psql", args: ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, job.url] };
};

export const sqlite3: Migrator = (job) => ({
  command: "sqlite3",
  args: ["-bail", fileOf(job)],
  input: script(job),
});
