import { Pool, type PoolConfig } from "apocryphan/pg";
import { type FreshDatabase, freshDatabase } from "../../support/database.ts";

type Context = { after(fn: () => Promise<void>): void };

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
