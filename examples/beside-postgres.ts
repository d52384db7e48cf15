import { startPostgres } from "../test/support/servers/postgres.ts";

/** Runs an example beside a PostgreSQL that ends with it, where `DATABASE_URL` does not lead to one already. */
export async function besidePostgres(run: () => Promise<unknown>): Promise<void> {
  const postgres = process.env.DATABASE_URL === undefined ? await startPostgres() : undefined;
  try {
    if (postgres) process.env.DATABASE_URL = postgres.url;
    await run();
  } finally {
    await postgres?.[Symbol.asyncDispose]();
  }
}
