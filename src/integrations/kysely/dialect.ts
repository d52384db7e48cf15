import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Database } from "../../index.ts";
import { AmbientDriver } from "./driver.ts";
import { AmbientSqliteAdapter } from "./sqlite-adapter.ts";

/**
 * Kysely's dialect for a database object of any of the three kinds, with or without a pool:
 *
 * ```ts
 * const kysely = new Kysely<Tables>({ dialect: new ApocryphanDialect(db) });
 * ```
 *
 * Its statements run on the connection of the async context they come from, inside `db.atomic` in that transaction. A
 * statement where there is no connection takes one for itself, whatever `autoconnect` says. `kysely.transaction()` inside
 * `db.atomic` is a savepoint, and its callback is an `atomic` block for everything that is called in it, `db` included.
 *
 * SQL is compiled, and tables are looked up, by Kysely's own PostgreSQL, MySQL and SQLite dialects. `kysely.destroy()` closes the
 * database object's connections.
 */
export class ApocryphanDialect implements Dialect {
  readonly #db: Database;

  /** @param db where statements go; nothing is connected yet */
  constructor(db: Database) {
    this.#db = db;
  }

  createDriver(): Driver {
    return new AmbientDriver(this.#db);
  }

  createQueryCompiler(): QueryCompiler {
    switch (this.#db.dialect) {
      case "postgresql":
        return new PostgresQueryCompiler();
      case "mysql":
        return new MysqlQueryCompiler();
      case "sqlite":
        return new SqliteQueryCompiler();
    }
  }

  createAdapter(): DialectAdapter {
    switch (this.#db.dialect) {
      case "postgresql":
        return new PostgresAdapter();
      case "mysql":
        return new MysqlAdapter();
      case "sqlite":
        return new AmbientSqliteAdapter(this.#db);
    }
  }

  createIntrospector(kysely: Kysely<unknown>): DatabaseIntrospector {
    switch (this.#db.dialect) {
      case "postgresql":
        return new PostgresIntrospector(kysely);
      case "mysql":
        return new MysqlIntrospector(kysely);
      case "sqlite":
        return new SqliteIntrospector(kysely);
    }
  }
}
