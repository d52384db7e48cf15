import { MySQLDatabase, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import {
  PooledMySQLDatabase,
  type PooledOptions,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "apocryphan/pool";
import { type FreshDatabase, freshDatabase, type Kind } from "./database.ts";

type Context = { after(fn: () => Promise<void>): void };

/** A plain database object on a new database, both closed when the test is over. */
export async function openPlain(kind: Kind, context: Context, options: object = {}) {
  const fresh = await freshDatabase(kind, context);
  const db = plain(fresh, options);
  context.after(() => db[Symbol.asyncDispose]());
  return db;
}

/** A pooled database object on a new database, both closed when the test is over. */
export async function openPooled(kind: Kind, context: Context, options: PooledOptions = {}) {
  const fresh = await freshDatabase(kind, context);
  const db = pooled(fresh, options);
  context.after(() => db[Symbol.asyncDispose]());
  return Object.assign(db, { fresh });
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
