import { MySQLDatabase } from "./mysql.ts";
import { withPool } from "./pooled.ts";
import { PostgreSQLDatabase } from "./postgresql.ts";
import { SQLiteDatabase } from "./sqlite.ts";

/** A PostgreSQL database with a pool: each async context has a connection of its own, lent by the pool. */
export class PooledPostgreSQLDatabase extends withPool(PostgreSQLDatabase) {}

/** A MySQL or MariaDB database with a pool: each async context has a connection of its own, lent by the pool. */
export class PooledMySQLDatabase extends withPool(MySQLDatabase) {}

/**
 * A SQLite database with a pool. A file gets a write-ahead log, so that readers go on beside a writer; a database in
 * memory has one connection, for which everybody waits in line.
 */
export class PooledSQLiteDatabase extends withPool(SQLiteDatabase) {}
