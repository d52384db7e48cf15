import type { Pool, PoolOptions } from "mysql2/promise";
import type { PooledMySQLDatabase } from "../../pool.ts";
import { createPool as createCorePool } from "../mysql2.ts";
import { mysql2, realOf } from "./host.ts";
import { later, mirrorOf } from "./mirror.ts";
import { promised } from "./promised.ts";

type Promised = typeof import("mysql2/promise");

let found: Promised | undefined;

function loaded(): Promised {
  // Asked for first, so that where it is missing the error names the package.
  mysql2();
  found ??= realOf<Promised>("mysql2/promise");
  return found;
}

/**
 * The same as `createPool` of `apocryphan/mysql2`, with the interface of `mysql2/promise`; `pool.pool` is the one with callbacks.
 *
 * @throws DriverMissingError where mysql2 is not installed
 * @throws OptionError where the database is none of MySQL's by mysql2
 */
export function createPool(given: string | PoolOptions | PooledMySQLDatabase): Pool {
  return promised(createCorePool(given), given);
}

/** mysql2's own. */
export const createConnection: Promised["createConnection"] = later(loaded, "createConnection");
/** mysql2's own; its pools are mysql2's too. */
export const createPoolCluster: Promised["createPoolCluster"] = later(loaded, "createPoolCluster");
/** mysql2's own. */
export const format: Promised["format"] = later(loaded, "format");
/** mysql2's own. */
const escaped: Promised["escape"] = later(loaded, "escape");
/** mysql2's own. */
export const escapeId: Promised["escapeId"] = later(loaded, "escapeId");
/** mysql2's own. */
export const raw: Promised["raw"] = later(loaded, "raw");

/** All that `mysql2/promise` exports, with this `createPool`: what `require` gives. */
const mysql: Omit<Promised, "createPool"> & { createPool: typeof createPool } = mirrorOf(loaded, {
  createPool,
});

export { escaped as escape, mysql as default, mysql as "module.exports" };
