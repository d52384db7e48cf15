import "./base/node-version.ts";

export { PooledDatabase, type PoolMembers } from "./database/pooled.ts";
export {
  PooledMySQLDatabase,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "./database/pooled-classes.ts";
export type { PooledOptions } from "./database/pooled-options.ts";
export type { Reset } from "./driver/driver.ts";
export {
  type Holder,
  MaxConnectionsExceededError,
  PoolClosedError,
  PoolDeadlockError,
} from "./pool/errors.ts";
export type {
  AcquireEvent,
  CloseEvent,
  ConnectEvent,
  LeakEvent,
  PoolCounts,
  PoolEvent,
  ReleaseEvent,
  TimeoutEvent,
  WaitEvent,
} from "./pool/events.ts";
export type { Validate } from "./pool/limits.ts";
export type { PoolOptionsInput } from "./pool/options.ts";
export type { CloseReason, Refusal } from "./pool/orders.ts";
export type { PoolStats } from "./pool/stats.ts";
