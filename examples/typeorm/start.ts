/** Starts the example: `npm run example:typeorm`. Without `DATABASE_URL`, beside a PostgreSQL that ends with it. */
import { besidePostgres } from "../beside-postgres.ts";

await besidePostgres(() => import("./main.ts"));
