import type { Pool, PoolOptions } from "mysql2";
import type { PooledMySQLDatabase } from "../pool.ts";
import { readGiven } from "./mysql2/given.ts";
import { loaded, mysql2 } from "./mysql2/host.ts";
import { later, mirrorOf } from "./mysql2/mirror.ts";
import { poolClass } from "./mysql2/pool.ts";
import { promised } from "./mysql2/promised.ts";

/**
 * A pool with the interface of mysql2's, and ours underneath. Connections, results, value types and errors are mysql2's own.
 *
 * From mysql2's options (a URI or an object) it has connections of its own, which `end()` closes. Over a
 * `PooledMySQLDatabase` it shares that one's connections; `end()` then gives back what it holds, and the database stays open.
 *
 * Nothing is connected yet. Those who ask for a connection are told of a failed connect by mysql2's error; where all are in
 * use they wait, first come first served, unless `waitForConnections` is `false` ("No connections available.") or `queueLimit` is reached
 * ("Queue limit reached."); after `end()` it is "Pool is closed.".
 *
 * @throws DriverMissingError where mysql2 is not installed
 * @throws OptionError where the database is none of MySQL's by mysql2
 */
export function createPool(given: string | PoolOptions | PooledMySQLDatabase): Pool {
  const host = mysql2();
  const Class = poolClass(host);
  return new Class(readGiven(host, given)) as unknown as Pool;
}

/** mysql2's own. */
export const createConnection: typeof import("mysql2").createConnection = later(loaded, "createConnection");
/** mysql2's own; its pools are mysql2's too. */
export const createPoolCluster: typeof import("mysql2").createPoolCluster = later(
  loaded,
  "createPoolCluster",
);
/** mysql2's own. */
export const format: typeof import("mysql2").format = later(loaded, "format");
/** mysql2's own. */
const escaped: typeof import("mysql2").escape = later(loaded, "escape");
/** mysql2's own. */
export const escapeId: typeof import("mysql2").escapeId = later(loaded, "escapeId");
/** mysql2's own. */
export const raw: typeof import("mysql2").raw = later(loaded, "raw");

/** All that mysql2 exports, with this `createPool`: what `require` gives. */
const mysql: Omit<typeof import("mysql2"), "createPool"> & { createPool: typeof createPool } = mirrorOf(
  loaded,
  {
    createPool,
    // What mysql2 calls the pool with promises here.
    createPoolPromise: (given: Parameters<typeof createPool>[0]) => promised(createPool(given), given),
  },
);

export { escaped as escape, mysql as default, mysql as "module.exports" };
