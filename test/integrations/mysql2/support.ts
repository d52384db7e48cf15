import { createPool } from "apocryphan/mysql2";
import { createPool as createPromisePool } from "apocryphan/mysql2/promise";
import theirs, { type Pool, type PoolConnection, type PoolOptions } from "mysql2";
import promised, { type Pool as PromisePool } from "mysql2/promise";
import { freshDatabase, serverUrl } from "../../support/database.ts";
import { mariadbExec } from "../../support/servers/mariadb.ts";

export const database = await freshDatabase("mysql");

type Context = { after(fn: () => Promise<void>): void };

/** A pool with callbacks on this file's database, ended when the test is over. */
export function openPool(t: Context, options: PoolOptions = {}): Pool {
  const pool = createPool({ uri: database.url, ...options });
  t.after(() => ended(pool));
  return pool;
}

/** A pool with promises, likewise. */
export function openPromisePool(t: Context, options: PoolOptions = {}): PromisePool {
  const pool = createPromisePool({ uri: database.url, ...options });
  t.after(() => pool.end());
  return pool;
}

/** The classes of mysql2's that its types do not show. */
export const classes = {
  ...theirs,
  PromisePool: Reflect.get(promised, "PromisePool"),
  PromisePoolConnection: Reflect.get(promised, "PromisePoolConnection"),
} as unknown as Record<
  "Pool" | "PoolConnection" | "PromisePool" | "PromisePoolConnection",
  new () => object
> & { readonly Types: object };

export function ended(pool: Pool): Promise<void> {
  return new Promise((resolve, reject) => pool.end((error) => (error ? reject(error) : resolve())));
}

export function connectionOf(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
  });
}

/** The numbers that programs read of mysql2's pool. */
export function counts(pool: Pool): { all: number; free: number; queued: number } {
  const { _allConnections, _freeConnections, _connectionQueue } = pool as unknown as Record<
    string,
    { length: number }
  >;
  return {
    all: _allConnections?.length ?? -1,
    free: _freeConnections?.length ?? -1,
    queued: _connectionQueue?.length ?? -1,
  };
}

/** How many sessions the server has on this file's database. */
export async function sessions(): Promise<number> {
  // From outside of it, so as not to be counted.
  const rows = await mariadbExec<{ id: number }>(
    await serverUrl("mysql"),
    "select id from information_schema.processlist where db = ?",
    [database.name],
  );
  return rows.length;
}
