/** Starts the example: `npm run example:express-pg`. Without `DATABASE_URL`, beside a PostgreSQL that ends with it. */
import { startPostgres } from "../../test/support/servers/postgres.ts";

if (process.env.DATABASE_URL === undefined) {
  const postgres = await startPostgres();
  process.env.DATABASE_URL = postgres.url;
}
await import("./server.ts");
