/** Contacts with Kysely, and a transaction of both: `npm run example:kysely`. */

import { ApocryphanDialect } from "apocryphan/kysely";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { type Generated, Kysely } from "kysely";

interface Tables {
  contacts: { id: Generated<number>; name: string };
}

const db = new PooledSQLiteDatabase({ database: ":memory:", timeout: "5s" });
const kysely = new Kysely<Tables>({ dialect: new ApocryphanDialect(db) });

await kysely.schema
  .createTable("contacts")
  .addColumn("id", "integer", (column) => column.primaryKey())
  .addColumn("name", "text", (column) => column.notNull().unique())
  .execute();

await kysely.transaction().execute(async () => {
  await kysely.insertInto("contacts").values({ name: "Ada" }).execute();
  await db.sql("insert into contacts (name) values ('Grace')"); // the same transaction
});

const both = async (): Promise<void> => {
  await kysely.insertInto("contacts").values({ name: "Edsger" }).execute();
  await kysely.insertInto("contacts").values({ name: "Ada" }).execute(); // is there already
};
await db.withConnection(() => db.atomic(both)).catch((error: Error) => console.log(error.message));

console.log(await kysely.selectFrom("contacts").selectAll().orderBy("id").execute());
await kysely.destroy();
