import { NoSuchFileError } from "../driver/errors.ts";
import type { Different } from "./connector.ts";
import type { Database } from "./database.ts";
import type { Handle } from "./handle.ts";

/** The door through which `openDedicated` gets into a database object. @internal */
export const dedicated: unique symbol = Symbol("apocryphan.dedicated");

/** What is to be different from the database object's own options, and how to give up waiting. */
export interface DedicatedOptions extends Different {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection beside all others: it is no async context's, does not count against `maxConnections`, and ends only with
 * its own `close()`. For locks and the like, which must outlive what is done under them.
 *
 * @throws ConnectError, DriverMissingError, AbortError
 */
export function openDedicated(db: Database, change: DedicatedOptions = {}): Promise<Handle> {
  return db[dedicated](change);
}

/** As `openDedicated`, but makes no SQLite file: gives `undefined` where there is none. */
export async function openExisting(db: Database, change: DedicatedOptions = {}): Promise<Handle | undefined> {
  try {
    return await openDedicated(db, { ...change, mustExist: true });
  } catch (error) {
    if (error instanceof NoSuchFileError) return undefined;
    throw error;
  }
}
