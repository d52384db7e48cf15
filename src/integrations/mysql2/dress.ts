import type { Host, HostConnection, HostPool } from "./host.ts";

/**
 * Makes a connection one of `pool`'s: the same object, with what mysql2 gives the connections of its pools (`release`,
 * a `destroy` and an `end` that tell the pool). Nothing is wrapped, so that whoever recognises one of mysql2's by its class
 * recognises this one.
 */
export function dress({ PoolConnection }: Host, raw: object, pool: HostPool): HostConnection {
  const fresh = !Object.prototype.isPrototypeOf.call(PoolConnection.prototype, raw);
  if (fresh) Object.setPrototypeOf(raw, PoolConnection.prototype);
  const connection = raw as HostConnection;
  if (fresh) {
    connection.once("end", () => connection._removeFromPool());
    connection.stream.once("close", () => connection._removeFromPool());
  }
  connection._pool = pool;
  connection.config.pool = pool;
  return connection;
}
