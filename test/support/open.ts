import { MySQLDatabase, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import {
  PooledMySQLDatabase,
  type PooledOptions,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "apocryphan/pool";
import { type FreshDatabase, freshDatabase, KINDS, type Kind } from "./database.ts";

type Context = { after(fn: () => Promise<void>): void };

/** A kind of database, reached in one of the ways there are: what a suite that holds for every way loops over. */
export interface Way {
  readonly title: string;
  readonly kind: Kind;
  /** Options of each database object. */
  readonly options: { readonly client?: string };
  /** Further options of a pooled one. */
  readonly pool: PooledOptions;
}

/** SQLite has two clients, each in a pool's worker threads and in the program's own. */
const SQLITE_WAYS: readonly Way[] = [
  { title: "sqlite", kind: "sqlite", options: {}, pool: {} },
  { title: "sqlite, one worker", kind: "sqlite", options: {}, pool: { workers: 1 } },
  { title: "sqlite, no workers", kind: "sqlite", options: {}, pool: { workers: false } },
  { title: "better-sqlite3", kind: "sqlite", options: { client: "better-sqlite3" }, pool: {} },
  {
    title: "better-sqlite3, no workers",
    kind: "sqlite",
    options: { client: "better-sqlite3" },
    pool: { workers: false },
  },
];

const MYSQL_WAYS: readonly Way[] = [
  { title: "mysql", kind: "mysql", options: {}, pool: {} },
  { title: "mysql by mariadb", kind: "mysql", options: { client: "mariadb" }, pool: {} },
];

/** Titles of the ways that are wanted, with semicolons between them; all where it is not set. */
const WANTED = process.env.APOCRYPHAN_TEST_WAYS?.split(";");

/** Every kind there is on this machine, in every way. */
export const WAYS: readonly Way[] = KINDS.flatMap((kind) => {
  if (kind === "sqlite") return SQLITE_WAYS;
  return kind === "mysql" ? MYSQL_WAYS : [{ title: kind, kind, options: {}, pool: {} }];
}).filter(({ title }) => WANTED?.includes(title) ?? true);

function wayOf(way: Kind | Way): Way {
  return typeof way === "string" ? { title: way, kind: way, options: {}, pool: {} } : way;
}

/** A plain database object on a new database, both closed when the test is over. */
export async function openPlain(way: Kind | Way, context: Context, options: object = {}) {
  const { kind, options: its } = wayOf(way);
  const fresh = await freshDatabase(kind, context);
  const db = plain(fresh, { ...its, ...options });
  context.after(() => db[Symbol.asyncDispose]());
  return db;
}

/** A pooled database object on a new database, both closed when the test is over. */
export async function openPooled(way: Kind | Way, context: Context, options: PooledOptions = {}) {
  const { kind, options: its, pool } = wayOf(way);
  const fresh = await freshDatabase(kind, context);
  const db = pooled(fresh, { ...its, ...pool, ...options });
  context.after(() => db[Symbol.asyncDispose]());
  return Object.assign(db, { fresh });
}

/** Every way, without a pool and with one that takes a connection by itself. */
export const FORMS: readonly { readonly title: string; readonly way: Way; readonly pooled: boolean }[] =
  WAYS.flatMap((way) => [
    // Without a pool there are no workers to tell ways apart by.
    ...(Object.keys(way.pool).length > 0 ? [] : [{ title: `${way.title}, plain`, way, pooled: false }]),
    { title: `${way.title}, pooled`, way, pooled: true },
  ]);

/** A database object on a new database, which opens connections by itself. */
export function openForm({ way, pooled }: (typeof FORMS)[number], context: Context) {
  return pooled ? openPooled(way, context, { autoconnect: true, timeout: "20s" }) : openPlain(way, context);
}

export function plain({ dialect, url }: FreshDatabase, options: object = {}) {
  const Class = { postgresql: PostgreSQLDatabase, mysql: MySQLDatabase, sqlite: SQLiteDatabase }[dialect];
  return new Class({ url, ...options });
}

export function pooled({ dialect, url }: FreshDatabase, options: PooledOptions = {}) {
  const Class = {
    postgresql: PooledPostgreSQLDatabase,
    mysql: PooledMySQLDatabase,
    sqlite: PooledSQLiteDatabase,
  }[dialect];
  return new Class({ url, ...options });
}

/** A table of contacts, in words that all three databases take. */
export function contactsTable(dialect: string): string {
  const key = {
    postgresql: "serial primary key",
    mysql: "int not null auto_increment primary key",
    sqlite: "integer primary key",
  }[dialect];
  return `create table contacts (id ${key}, name varchar(100) not null unique, age int)`;
}
