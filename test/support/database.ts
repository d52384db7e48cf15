import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after } from "node:test";
import { removeFolder, temporaryFolder } from "./servers/folder.ts";
import { mariadbExec, startMariaDB } from "./servers/mariadb.ts";
import { findPostgres, postgresExec, startPostgres } from "./servers/postgres.ts";

/** A database that tests run against. `postgresql-system` is the machine's own PostgreSQL, a second version. */
export type Kind = "postgresql" | "postgresql-system" | "mysql" | "sqlite";

/** The variables that name a server to use; where one is not set, a server is started. */
export const URLS = {
  postgresql: "APOCRYPHAN_TEST_POSTGRES_URL",
  "postgresql-system": "APOCRYPHAN_TEST_POSTGRES_SYSTEM_URL",
  mysql: "APOCRYPHAN_TEST_MYSQL_URL",
} as const satisfies Partial<Record<Kind, string>>;

/** The kinds there are on this machine: what a suite that holds for every database loops over. */
export const KINDS: readonly Kind[] = [
  "postgresql",
  ...(process.env[URLS["postgresql-system"]] || findPostgres("system")
    ? (["postgresql-system"] as const)
    : []),
  "mysql",
  "sqlite",
];

/** A database of one test's own. */
export interface FreshDatabase {
  readonly kind: Kind;
  readonly dialect: "postgresql" | "mysql" | "sqlite";
  /** All that a client needs, user and password included; for SQLite `sqlite:` and the file. */
  readonly url: string;
  /** The database's name; for SQLite the file. */
  readonly name: string;
  /** Runs one statement behind the library's back, over a connection of its own. */
  exec<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Removes it, with whoever is still connected. Twice is fine. */
  drop(): Promise<void>;
}

/**
 * A new, empty database, dropped when the tests of this file (or of `context`) are over.
 *
 * @param kind which database
 * @param context a test's own context, to drop it when that test is over
 */
export async function freshDatabase(
  kind: Kind,
  context?: { after(fn: () => Promise<void>): void },
): Promise<FreshDatabase> {
  const fresh =
    kind === "sqlite" ? freshSQLite() : kind === "mysql" ? await freshMySQL() : await freshPostgres(kind);
  let dropping: Promise<void> | undefined;
  const database: FreshDatabase = {
    ...fresh,
    kind,
    drop() {
      dropping ??= fresh.drop();
      return dropping;
    },
  };
  if (context) context.after(() => database.drop());
  else after(() => database.drop());
  return database;
}

/** The URL of the server of a kind: the one the run was given or started, else one that this process starts. */
export function serverUrl(kind: Exclude<Kind, "sqlite">): Promise<string> {
  const given = process.env[URLS[kind]];
  if (given) return Promise.resolve(given);
  const going = own.get(kind) ?? start(kind);
  own.set(kind, going);
  return going;
}

const own = new Map<Kind, Promise<string>>();

async function start(kind: Exclude<Kind, "sqlite">): Promise<string> {
  if (kind === "mysql") return (await startMariaDB()).url;
  return (await startPostgres({ version: kind === "postgresql" ? "newest" : "system" })).url;
}

type Made = Omit<FreshDatabase, "kind">;

async function freshPostgres(kind: "postgresql" | "postgresql-system"): Promise<Made> {
  const server = await serverUrl(kind);
  const name = uniqueName();
  const url = withDatabase(server, name);
  await postgresExec(server, `create database ${name} template template0`);
  return {
    dialect: "postgresql",
    url,
    name,
    exec: (text, values) => postgresExec(url, text, values),
    drop: async () => {
      await postgresExec(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function freshMySQL(): Promise<Made> {
  const server = await serverUrl("mysql");
  const name = uniqueName();
  const url = withDatabase(server, name);
  await mariadbExec(server, `create database ${name}`);
  return {
    dialect: "mysql",
    url,
    name,
    exec: (text, values) => mariadbExec(url, text, values),
    drop: async () => {
      // A session with an open transaction would keep `drop database` waiting for its locks.
      const left = await mariadbExec<{ id: number }>(
        server,
        "select id from information_schema.processlist where db = ?",
        [name],
      );
      for (const { id } of left) await mariadbExec(server, `kill ${id}`).catch(() => {});
      await mariadbExec(server, `drop database if exists ${name}`);
    },
  };
}

function freshSQLite(): Made {
  const folder = temporaryFolder();
  const file = join(folder, "test.db");
  return {
    dialect: "sqlite",
    url: `sqlite:${file}`,
    name: file,
    exec: async <Row extends object>(text: string, values: unknown[] = []) => {
      const { DatabaseSync } = await import("node:sqlite");
      const db = new DatabaseSync(file);
      try {
        if (values.length === 0 && !/^\s*(select|with|pragma|values)\b/i.test(text)) {
          db.exec(text);
          return [];
        }
        return db.prepare(text).all(...(values as never[])) as Row[];
      } finally {
        db.close();
      }
    },
    drop: async () => removeFolder(folder),
  };
}

function uniqueName(): string {
  return `apo_${randomBytes(6).toString("hex")}`;
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
