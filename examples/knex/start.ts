/** Starts the example: `npm run example:knex`. Without `DATABASE_URL`, beside a PostgreSQL that ends with it. */
import { besidePostgres } from "../beside-postgres.ts";

await besidePostgres(() => import("./main.ts"));
