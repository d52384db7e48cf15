/** Contacts with Knex over the pool of a database object: started by `start.ts`. */

import { Pool } from "apocryphan/pg";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import createKnex from "knex";

const db = new PooledPostgreSQLDatabase({
  url: process.env.DATABASE_URL ?? "",
  maxConnections: 5,
  timeout: "5s",
  autoconnect: true,
});
const knex = createKnex({ client: "pg", connectionPool: Pool.from(db) });

await knex.schema.dropTableIfExists("contacts");
await knex.schema.createTable("contacts", (table) => {
  table.increments("id");
  table.text("name").notNullable().unique();
});

await knex.transaction(async (trx) => {
  await trx("contacts").insert([{ name: "Ada" }, { name: "Grace" }]);
});

await knex
  .transaction(async (trx) => {
    await trx("contacts").delete();
    await trx("contacts").insert([{ name: "Edsger" }, { name: "Edsger" }]); // the second is one too many
  })
  .catch((error: Error) => console.log(`refused, and undone: ${error.message}`));

// Many at once: they wait for one of the five connections, which they share with the library's own statements.
const counts = await Promise.all([
  ...Array.from({ length: 20 }, () => knex("contacts").count()),
  ...Array.from({ length: 20 }, () => db.select("select count(*) from contacts")),
]);
console.log(`${counts.length} counts over ${db.stats().open} connections of ${db.stats().max} at most`);
console.log(await knex("contacts").orderBy("id"));

await knex.destroy();
await db.closeAll();
