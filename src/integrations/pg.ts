/**
 * `apocryphan/pg`: our pool behind the interface of `pg.Pool`, for programs and libraries that are written for that one.
 */
import "../base/node-version.ts";
import type { Client as PgClient, Pool as PgPool, PoolConfig as PgPoolConfig } from "pg";
import type { PooledPostgreSQLDatabase } from "../pool.ts";
import { BoundPool } from "./pg/pool.ts";

/** pg-pool's options, those of pg's clients, and some of ours. */
export interface PoolConfig extends PgPoolConfig {
  /** The pool's name in events and metrics. @default "pg" */
  readonly name?: string | undefined;
  /** How many connections are opened at once. @default max, and 10 at most */
  readonly connectConcurrency?: number | undefined;
  /** How many callers may wait for somebody else's client; the next is refused at once. @default none */
  readonly maxWaiting?: number | undefined;
  /** A client held longer than this (seconds, or with a unit) is reported, with the place where it was taken. @default none */
  readonly leakTimeout?: number | string | undefined;
  /** An idle client gets a round trip after so long (seconds, or with a unit). @default none */
  readonly keepalive?: number | string | undefined;
  /** Whether a client is asked for a sign of life before it is lent: `"never"`, `"idle"` or `"always"`. @default "never" */
  readonly validate?: "never" | "idle" | "always" | undefined;
}

/** What `new Pool()` gives: all that `pg.Pool` has, https://node-postgres.com/apis/pool */
export interface Pool extends PgPool {}

/** The class. As a function of a module it also carries what is imported from the package `pg-pool` by name. */
export interface PoolClass {
  /**
   * A pool of its own, made from pg's options; or one over the connections of a `PooledPostgreSQLDatabase`, as `from`
   * makes it.
   *
   * @param Client what makes the clients. @default pg's
   * @throws OptionError where `max` is no number of clients; DriverMissingError where `pg` is not installed and no `Client` is given
   */
  new (options?: PoolConfig | PooledPostgreSQLDatabase | null, Client?: typeof PgClient): Pool;
  /**
   * A pool over the connections of a database object, so that both share `maxConnections`. The database's options hold,
   * `timeout` too (where it has none, callers wait for a client as long as it takes), and `end()` leaves its connections
   * open: the database object closes them.
   *
   * @throws OptionError where it is another kind of database
   */
  from(database: PooledPostgreSQLDatabase): Pool;
  readonly prototype: Pool;
  /** The class itself, for `const { Pool } = require("apocryphan/pg")`. */
  readonly Pool: PoolClass;
  /** The class itself, for programs compiled from `import Pool from "apocryphan/pg"`. */
  readonly default: PoolClass;
}

/** `pg.Pool` over our pool. */
export const Pool: PoolClass = Object.assign(BoundPool, {
  Pool: BoundPool,
  default: BoundPool,
}) as unknown as PoolClass;

// What `require` gives, as it does for pg-pool: https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require
export { Pool as default, Pool as "module.exports" };
