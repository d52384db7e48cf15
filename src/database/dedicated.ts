import type { Database } from "./database.ts";
import type { Handle } from "./handle.ts";

/** The door through which `openDedicated` gets into a database object. @internal */
export const dedicated: unique symbol = Symbol("apocryphan.dedicated");

/**
 * A connection beside all others: it is no async context's, does not count against `maxConnections`, and ends only with
 * its own `close()`. For locks and the like, which must outlive what is done under them.
 *
 * @throws ConnectError, DriverMissingError, AbortError
 */
export function openDedicated(
  db: Database,
  change: { readonly applicationName?: string; readonly signal?: AbortSignal } = {},
): Promise<Handle> {
  return db[dedicated](change);
}
