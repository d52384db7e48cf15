import { parsePoolOptions } from "../pool/options.ts";
import { Pool } from "../pool/pool.ts";
import type { Connector } from "./connector.ts";
import { PoolSource } from "./pool-source.ts";
import { connectionResource } from "./resource.ts";

/** Whether these options are for a database in memory. */
export function isInMemory(options: { database?: unknown; url?: unknown }): boolean {
  return (
    options.database === ":memory:" ||
    (options.database === undefined && /^sqlite:(\/\/)?:memory:$/.test(String(options.url)))
  );
}

/**
 * A SQLite database in memory lives and dies with its one connection, so there is just one, which never goes stale, and
 * whoever wants it waits for its turn. https://www.sqlite.org/inmemorydb.html
 *
 * @param timeout how long a caller waits, as the user wrote it; for ever where it is left out
 */
export function memorySource(connector: Connector, timeout: unknown = 0, name = "memory"): PoolSource {
  const resource = connectionResource((signal) => connector.open(signal), "transaction");
  return new PoolSource(new Pool(resource, parsePoolOptions({ maxConnections: 1, timeout }), { name }));
}
