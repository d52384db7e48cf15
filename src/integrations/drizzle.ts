import "../base/node-version.ts";

export { type AnyDrizzle, drizzle } from "./drizzle/drizzle.ts";
export type { MySQLDrizzle, MySQLField, MySQLHeader } from "./drizzle/mysql.ts";
export type { PostgreSQLDrizzle, PostgreSQLResult } from "./drizzle/postgresql.ts";
export type { SQLiteDrizzle, SQLiteOutcome } from "./drizzle/sqlite.ts";
