import type { DrizzleConfig } from "drizzle-orm";
import type { MySQLDatabase, PostgreSQLDatabase, SQLiteDatabase } from "../../index.ts";
import { type MySQLDrizzle, mysqlDrizzle } from "./mysql.ts";
import { type PostgreSQLDrizzle, postgresqlDrizzle } from "./postgresql.ts";
import { type SQLiteDrizzle, sqliteDrizzle } from "./sqlite.ts";

type Full = Record<string, unknown>;

/** A Drizzle database over any of the three kinds. */
export type AnyDrizzle = PostgreSQLDrizzle<Full> | MySQLDrizzle<Full> | SQLiteDrizzle<Full>;

/**
 * A Drizzle database over a database object, with or without a pool:
 *
 * ```ts
 * const orm = drizzle(db, { schema });
 * ```
 *
 * Its statements run on the connection of the async context they come from, inside `db.atomic` in that transaction. A
 * statement where there is no connection takes one for itself, whatever `autoconnect` says. `orm.transaction(fn)` is an
 * `atomic` block for all that `fn` calls, `db` included, and a savepoint where there is a transaction.
 *
 * @param db where statements go; nothing is connected yet
 * @param config Drizzle's own: `schema`, `logger`, `casing`, `cache`
 */
export function drizzle<Schema extends Full = Record<string, never>>(
  db: PostgreSQLDatabase,
  config?: DrizzleConfig<Schema>,
): PostgreSQLDrizzle<Schema>;
export function drizzle<Schema extends Full = Record<string, never>>(
  db: MySQLDatabase,
  config?: DrizzleConfig<Schema>,
): MySQLDrizzle<Schema>;
export function drizzle<Schema extends Full = Record<string, never>>(
  db: SQLiteDatabase,
  config?: DrizzleConfig<Schema>,
): SQLiteDrizzle<Schema>;
export function drizzle(
  db: PostgreSQLDatabase | MySQLDatabase | SQLiteDatabase,
  config: DrizzleConfig<Full> = {},
): AnyDrizzle {
  switch (db.dialect) {
    case "postgresql":
      return postgresqlDrizzle(db as PostgreSQLDatabase, config);
    case "mysql":
      return mysqlDrizzle(db as MySQLDatabase, config);
    case "sqlite":
      return sqliteDrizzle(db as SQLiteDatabase, config);
  }
}
