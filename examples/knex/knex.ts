import createKnex, { type Knex } from "knex";
import type { Pool, PoolClient } from "pg";

/**
 * Knex on PostgreSQL, its connections drawn from a pool in pg's manner. Knex has a pool of its own, which here keeps nothing:
 * what it opens is lent by ours, and what it closes is given back at once.
 */
export function knexOver(pool: Pool): Knex {
  const max = pool.options.max;
  const knex = createKnex({
    client: "pg",
    connection: {},
    // Knex goes from caller to caller on what it has; as soon as none waits, it is given back.
    pool: { min: 0, max, idleTimeoutMillis: 1, reapIntervalMillis: 10 },
  });
  // Where Knex's dialect opens a connection, and where it closes one.
  Object.assign(knex.client, {
    acquireRawConnection: () => pool.connect(),
    destroyRawConnection: async (client: PoolClient) => client.release(),
  });
  return knex;
}
