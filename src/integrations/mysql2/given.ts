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
}

/** @throws OptionError where a database object does not fit, or an option of the pool's */
export function readGiven(host: Host, given: unknown): Given {
  const lending = lendingOf(given);
  if (lending === undefined) {
    const config = readOptions(host, given);
    // A database object with a pool always lends.
    return { lending: lendingOf(databaseFor(host, config)) as Lending, config, own: true };
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
