import type { Dialect } from "../dialect/dialect.ts";
import type { Connection, Target } from "../driver/driver.ts";
import type { Loan } from "../pool/loan.ts";
import { parsePoolOptions } from "../pool/options.ts";
import type { Pool } from "../pool/pool.ts";
import { readConnection } from "./options.ts";
import { type PooledOptions, readPooled } from "./pooled-options.ts";

/**
 * The door through which an integration borrows a pool's connections as they are, without a context or a handle around
 * them. From the registry, since a program may have loaded this package twice, as ES module and as CommonJS. @internal
 */
export const lending: unique symbol = Symbol.for("apocryphan.lending");

/** A connection in somebody's hands. */
export type Lent = Loan<Connection>;

/** A pool, and where its connections lead. */
export interface Lending {
  readonly dialect: Dialect;
  /** The client library that was asked for, where one was. */
  readonly client: string | undefined;
  readonly pool: Pool<Connection>;
  /** How long a caller waits, in milliseconds; `0` for ever, `undefined` where the option was left out. */
  readonly timeout: number | undefined;
  /** Of several hosts the first. */
  readonly target: Target;
}

/** What `value` lends, where it is a database object with a pool. */
export function lendingOf(value: unknown): Lending | undefined {
  return typeof value === "object" && value !== null && lending in value
    ? (value as { readonly [lending]: Lending })[lending]
    : undefined;
}

/** What a pooled database that was made with `options` lends. */
export function lendingBy(options: PooledOptions, dialect: Dialect, pool: Pool<Connection>): Lending {
  const { connection, pool: itsOptions } = readPooled(options, "The pool", dialect);
  const clients = connection.client === undefined ? [] : [connection.client];
  return {
    dialect,
    client: connection.client,
    pool,
    timeout: parsePoolOptions(itsOptions).timeout,
    target: readConnection(connection, dialect, clients).targets[0],
  };
}
