import { OptionError } from "../../base/error.ts";
import { type Lending, lendingOf } from "../../database/lending.ts";
import type { Host, HostPoolConfig } from "./host.ts";
import { databaseFor, readOptions } from "./options.ts";

/** What a pool is made of. */
export interface Given {
  readonly lending: Lending;
  readonly config: HostPoolConfig;
  /** Whether the connections are this pool's alone, and end with it. */
  readonly own: boolean;
  /** What the options said when they were read, where they may have been changed since. */
  readonly asRead?: string;
}

/**
 * What holds when the first connection is asked for: mysql2 reads its options each time, and programs change them in
 * `pool.config` when they have made the pool. Nothing was opened before.
 *
 * @throws OptionError where an option was made one that does not fit
 */
export function settled(host: Host, given: Given): Given {
  const { config, own, asRead } = given;
  if (!own || asRead === limitsOf(config)) return given;
  return { ...given, lending: lendingFor(host, config) };
}

function limitsOf(config: HostPoolConfig): string {
  const { connectionLimit, waitForConnections, queueLimit, maxIdle, idleTimeout, resetOnRelease } = config;
  return [connectionLimit, waitForConnections, queueLimit, maxIdle, idleTimeout, resetOnRelease].join();
}

/** A database object with a pool always lends. */
function lendingFor(host: Host, config: HostPoolConfig): Lending {
  return lendingOf(databaseFor(host, config)) as Lending;
}

/** @throws OptionError where a database object does not fit, or an option of the pool's */
export function readGiven(host: Host, given: unknown): Given {
  const lending = lendingOf(given);
  if (lending === undefined) {
    const config = readOptions(host, given);
    return { lending: lendingFor(host, config), config, own: true, asRead: limitsOf(config) };
  }
  const { dialect, client = "mysql2", target, pool } = lending;
  if (dialect.name !== "mysql" || client !== "mysql2") {
    throw new OptionError(
      "database",
      `A mysql2 pool needs a PooledMySQLDatabase whose connections are mysql2's; this one's are ${dialect.name === "mysql" ? `those of "${client}"` : `for ${dialect.title}`}.`,
    );
  }
  const { host: name, port, socketPath, user, database, driver } = target;
  const { max } = pool.stats();
  const where = socketPath === undefined ? { host: name, port } : { socketPath };
  const config = readOptions(host, { ...where, user, database, ...driver, connectionLimit: max });
  return { lending, config, own: false };
}
