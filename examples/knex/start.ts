/** Starts the example: `npm run example:knex`. Without `DATABASE_URL`, beside a PostgreSQL that ends with it. */
import { startPostgres } from "../../test/support/servers/postgres.ts";

const postgres = process.env.DATABASE_URL === undefined ? await startPostgres() : undefined;
try {
  if (postgres) process.env.DATABASE_URL = postgres.url;
  await import("./main.ts");
} finally {
  await postgres?.[Symbol.asyncDispose]();
}
