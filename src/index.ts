import "./base/node-version.ts";

export type { Duration } from "./base/duration.ts";
export {
  AbortError,
  ApocryphanError,
  ConnectError,
  ConnectionLostError,
  OptionError,
} from "./base/error.ts";
export type { Origin } from "./base/origin.ts";
export type { CursorOptions, Query, StatementOptions } from "./database/call.ts";
export { type ConnectOptions, Database, type ScopeOptions } from "./database/database.ts";
export {
  ConnectionBusyError,
  ConnectionClosedError,
  NoConnectionError,
  NoRowError,
  RequestEndedError,
  TransactionAbortedError,
  TransactionEndedError,
} from "./database/errors.ts";
export { Handle } from "./database/handle.ts";
export { MySQLDatabase } from "./database/mysql.ts";
export type { ConnectionOptions } from "./database/options.ts";
export { PostgreSQLDatabase } from "./database/postgresql.ts";
export { type Sql, type SqlTag, sql } from "./database/sql.ts";
export { SQLiteDatabase } from "./database/sqlite.ts";
export type { StatementEvent } from "./database/statement-events.ts";
export type { AnyRow, Outcome } from "./database/statements.ts";
export type { AtomicOptions } from "./database/transaction.ts";
export type { DialectName, Isolation } from "./dialect/dialect.ts";
export type { FailureKind } from "./dialect/failure.ts";
export type { Summary } from "./dialect/summary.ts";
export { DatabaseError, DriverMissingError, StatementTimeoutError } from "./driver/errors.ts";
export {
  type Holder,
  MaxConnectionsExceededError,
  PoolClosedError,
  PoolDeadlockError,
} from "./pool/errors.ts";
