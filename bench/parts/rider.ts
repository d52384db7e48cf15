import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { postgresExec } from "../../test/support/servers/postgres.ts";
import type { Contestant, Figures, Metric, Part, Trial } from "../harness/part.ts";
import { find } from "../harness/programs.ts";
import * as versus from "../versus/migrators.ts";

const OURS = "rider migrate";
const NODE_PG_MIGRATE = "node-pg-migrate";
const PSQL = "psql, one transaction";
const SHELL = "sqlite3, one transaction";

interface Entry {
  readonly name: string;
  readonly peers: readonly string[];
  readonly migrator: versus.Migrator;
  /** Whether a second run finds nothing to do; a script of statements has no such run. */
  readonly again: boolean;
  missing?(): Promise<string | undefined>;
}

const here = (name: string) => async (): Promise<string | undefined> =>
  (await find(name)) === undefined ? `this machine has no ${name}` : undefined;

const OURS_ENTRY: Entry = { name: OURS, peers: [], migrator: versus.rider, again: true };
const TOOLS: readonly Entry[] = [
  OURS_ENTRY,
  { name: "knex migrate:latest", peers: ["knex"], migrator: versus.knex, again: true },
  { name: "Kysely's Migrator", peers: ["kysely"], migrator: versus.kysely, again: true },
  { name: "Drizzle's migrate", peers: ["drizzle-orm"], migrator: versus.drizzle, again: true },
  {
    ...{ name: "dbmate up", peers: [], migrator: versus.dbmate, again: true },
    missing: async () =>
      existsSync(versus.dbmateProgram()) ? undefined : "the lock file names no dbmate for this platform",
  },
];
const NODE_PG: Entry = {
  ...{ name: NODE_PG_MIGRATE, peers: ["node-pg-migrate"] },
  ...{ migrator: versus.nodePgMigrate, again: true },
};
const BY_PSQL: Entry = { name: PSQL, peers: [], migrator: versus.psql, again: false, missing: here("psql") };
const BY_SHELL: Entry = {
  ...{ name: SHELL, peers: [], migrator: versus.sqlite3, again: false, missing: here("sqlite3") },
};

/** Runs a command to its end; gives milliseconds. */
function timed({ command, args, env, input }: versus.Command): number {
  const from = performance.now();
  const { status, stderr, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    ...(input === undefined ? {} : { input }),
    maxBuffer: 2 ** 28,
  });
  const took = performance.now() - from;
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${error ?? `${stderr}${stdout}`.slice(-2000)}`);
  return took;
}

function contestant(
  { name, peers, migrator, again, missing }: Entry,
  within: (trial: Trial, run: (url: string) => Figures, folder: string) => Promise<Figures>,
): Contestant {
  return {
    ...{ name, peers },
    ...(missing === undefined ? {} : { missing }),
    async run(trial) {
      const folder = mkdtempSync(join(tmpdir(), "apocryphan-bench-"));
      try {
        const run = (url: string): Figures => {
          const command = migrator({ folder, url, migrations: trial.width });
          const apply = timed(command);
          return again ? { apply, again: timed(command) } : { apply };
        };
        return await within(trial, run, folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function onPostgres(trial: Trial, run: (url: string) => Figures): Promise<Figures> {
  const server = trial.urls.postgresql ?? "";
  const name = `bench_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await postgresExec(server, `create database ${name} template template0`);
  try {
    const figures = run(url.href);
    const [row] = await postgresExec<{ n: number }>(
      url.href,
      "select count(*)::int as n from pg_tables where tablename ~ '^t[0-9]+$'",
    );
    made(row?.n, trial.width);
    return figures;
  } finally {
    await postgresExec(server, `drop database if exists ${name} with (force)`);
  }
}

async function onSQLite(trial: Trial, run: (url: string) => Figures, folder: string): Promise<Figures> {
  const file = join(folder, "migrated.db");
  const figures = run(`sqlite:${file}`);
  const db = new DatabaseSync(file);
  const row = db.prepare("select count(*) as n from sqlite_master where name glob 't[0-9]*'").get();
  db.close();
  made(row?.n, trial.width);
  return figures;
}

function made(found: unknown, wanted: number): void {
  if (found !== wanted) throw new Error(`${String(found)} tables were made instead of ${wanted}.`);
}

const METRICS: readonly Metric[] = [
  { name: "apply", title: "ms to apply all", better: "less" },
  { name: "again", title: "ms with nothing to do", better: "less" },
];
const WIDTHS = [10, 1000];

export const rider: Part = {
  name: "rider",
  title: "Rider",
  about: [
    "So many migrations, each of which makes a table of one column, on an empty database; then the same command again, with nothing to do. The time is that of the whole command, from its start to its end.",
    "Rider, node-pg-migrate, Drizzle and dbmate read SQL files, Knex and Kysely JavaScript. All are in their default configuration. Rider and node-pg-migrate are also measured with migrations in TypeScript, which may have to be imported before it is known that there is nothing to do. psql and sqlite3 run one script with the same tables and a row of history for each, in one transaction: they show what the database itself takes.",
  ],
  leftOut: [
    "Prisma, which needs programs that are not on the registry, and TypeORM, whose command line needs a project of its own.",
    "MariaDB, where each statement commits by itself, and most of the time is the database's.",
  ],
  flatters: [
    "In Rider, node-pg-migrate and Drizzle a run is one transaction; Knex has one for each migration, Kysely one for all, dbmate one for each. Where a commit waits for the disk (here it does not on PostgreSQL), many commits cost more than here.",
    "Rider splits each file into statements, records a checksum and a log row for each migration, and holds a lock; psql and sqlite3 do nothing of the kind.",
    "Rider has been started before, and finds what Node.js compiled of it then, in `node_modules/.cache`. Its first start takes some 20 ms longer.",
    "On SQLite all are in the default journal mode and flush to the disk before they report a commit. Rider makes its two tables in a commit of their own before the run, so it flushes ten times where the shell flushes six times; the shell has another version of SQLite than Node.js, and Debian's flushes by fdatasync, Node.js's by fsync.",
  ],
  needs: ["postgresql"],
  rounds: 3,
  cases: [
    {
      name: "postgresql",
      title: "Migrations on PostgreSQL",
      widths: WIDTHS,
      unit: "migrations",
      contestants: [...TOOLS, NODE_PG, BY_PSQL].map((entry) => contestant(entry, onPostgres)),
      metrics: METRICS,
      seconds: 0,
    },
    {
      name: "typescript",
      title: "Migrations in TypeScript on PostgreSQL",
      widths: WIDTHS,
      unit: "migrations",
      contestants: [
        { ...OURS_ENTRY, migrator: versus.riderTypeScript },
        { ...NODE_PG, migrator: versus.nodePgMigrateTypeScript },
      ].map((entry) => contestant(entry, onPostgres)),
      metrics: METRICS,
      seconds: 0,
    },
    {
      name: "sqlite",
      title: "Migrations on SQLite",
      widths: WIDTHS,
      unit: "migrations",
      contestants: [...TOOLS, BY_SHELL].map((entry) => contestant(entry, onSQLite)),
      metrics: METRICS,
      seconds: 0,
    },
  ],
  targets: [
    { case: "postgresql", width: 1000, metric: "apply", ours: OURS, than: [PSQL], atMost: 1.3 },
    { case: "postgresql", width: 1000, metric: "again", ours: OURS, than: [NODE_PG_MIGRATE], atMost: 0.5 },
    { case: "typescript", width: 1000, metric: "again", ours: OURS, than: [NODE_PG_MIGRATE], atMost: 0.5 },
    { case: "sqlite", width: 1000, metric: "apply", ours: OURS, than: [SHELL], atMost: 3 },
  ],
  async prepare() {
    const build = spawnSync(process.execPath, [join(import.meta.dirname, "../../scripts/build.ts")], {
      stdio: ["ignore", 2, 2],
    });
    if (build.status !== 0) throw new Error("npm run build failed, see above.");
  },
};
