import type { Origin } from "../base/origin.ts";
import type { Connection } from "../driver/driver.ts";
import { parsePoolOptions } from "../pool/options.ts";
import { Pool } from "../pool/pool.ts";
import { Alone } from "./alone.ts";
import { Here } from "./here.ts";
import { PoolSource } from "./pool-source.ts";
import { connectionResource } from "./resource.ts";
import type { Lease } from "./source.ts";

/** Whether these options are for a database in memory. */
export function isInMemory(options: { database?: unknown; url?: unknown }): boolean {
  return (
    options.database === ":memory:" ||
    (options.database === undefined && /^sqlite:(\/\/)?:memory:$/.test(String(options.url)))
  );
}

/** The pool's options that mean something where there is one connection, which is kept. */
const KEPT = ["timeout", "maxWaiting", "connectTimeout", "leakTimeout"];

/**
 * A SQLite database in memory lives and dies with its one connection, so there is just one, which never goes stale, and
 * whoever wants it waits for its turn; for ever where no `timeout` is given. https://www.sqlite.org/inmemorydb.html
 *
 * @param options the pool's, as the user wrote them; those that would end a connection are left aside
 */
export function memorySource(
  open: (signal: AbortSignal) => Promise<Connection>,
  origin: Origin,
  options: Readonly<Record<string, unknown>> = {},
  name = "memory",
): MemorySource {
  const kept = Object.fromEntries(Object.entries(options).filter(([option]) => KEPT.includes(option)));
  const parsed = parsePoolOptions({ timeout: 0, ...kept, maxConnections: 1 });
  return new MemorySource(
    new Pool(connectionResource(open, "transaction", { local: true, threads: false }), parsed, {
      name,
      origin,
    }),
    origin,
  );
}

/** Runs statements outside any scope on a database in memory, where there is no lock that looking together would save. */
export function aloneInMemory({ pool }: PoolSource): Alone {
  return new Alone(pool, new Here(pool, () => false));
}

/** Lends the one connection. Only `closeAll`, `drain` and the disposal of the database object end it. */
class MemorySource extends PoolSource {
  /** `manualClose`: it can only be given back. */
  override async destroy(lease: Lease): Promise<void> {
    await (lease.item.standing === "lost" ? super.destroy(lease) : this.release(lease));
  }

  override async closeIdle(): Promise<number> {
    return 0;
  }

  override async closeStale(): Promise<number> {
    return 0;
  }
}
