/**
 * Starts the example: `npm run example:prisma`. Prisma's client is generated, and finds its schema in the project it is
 * installed in: so this installs one, with this package as it is published, into a temporary folder (from the registry).
 * Without `DATABASE_URL`, beside a PostgreSQL that ends with it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { must, project, write } from "../../test/package/project.ts";
import { besidePostgres } from "../beside-postgres.ts";

// Prisma 7's client needs no binary, but its installation and its command line fetch that of its migrations unless one is
// named. Neither runs it here.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
process.env.CHECKPOINT_DISABLE = "1";

const folder = await project("prisma@7", "@prisma/client@7", "@prisma/adapter-pg@7", "pg@8");
for (const name of ["schema.prisma", "main.mjs"]) {
  write(folder, { [name]: readFileSync(join(import.meta.dirname, name), "utf8") });
}
await must(
  process.execPath,
  ["node_modules/prisma/build/index.js", "generate", "--schema=schema.prisma"],
  folder,
);
await besidePostgres(async () => {
  process.stdout.write(await must(process.execPath, ["main.mjs"], folder));
});
