import { Pool, type PoolConfig } from "apocryphan/pg";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { type FreshDatabase, freshDatabase } from "../../support/database.ts";

export type Context = { after(fn: () => Promise<void>): void };

/** A pool in pg's manner over a new database, both gone when the test is over. */
export async function openPool(
  context: Context,
  options: PoolConfig = {},
): Promise<{ pool: Pool; fresh: FreshDatabase }> {
  const fresh = await freshDatabase("postgresql", context);
  const pool = new Pool({ connectionString: fresh.url, ...options });
  context.after(async () => {
    if (!pool.ending) await pool.end();
  });
  return { pool, fresh };
}

/** A database object with a pool of two, and the same pool in pg's manner. */
export async function openBoth(
  context: Context,
  options: { timeout?: string; maxConnections?: number } = {},
): Promise<{ db: PooledPostgreSQLDatabase; pool: Pool; fresh: FreshDatabase }> {
  const fresh = await freshDatabase("postgresql", context);
  const db = new PooledPostgreSQLDatabase({ url: fresh.url, maxConnections: 2, ...options });
  context.after(() => db.closeAll());
  return { db, pool: Pool.from(db), fresh };
}
