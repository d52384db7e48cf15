/** Contacts with Drizzle, and a transaction of both: `npm run example:drizzle`. */

import { drizzle } from "apocryphan/drizzle";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const contacts = sqliteTable("contacts", { id: integer().primaryKey(), name: text().notNull().unique() });

const db = new PooledSQLiteDatabase({ database: ":memory:", timeout: "5s" });
const orm = drizzle(db, { schema: { contacts } });

await db.withConnection(async () => {
  await db.sql("create table contacts (id integer primary key, name text not null unique)");
  await orm.transaction(async (tx) => {
    await tx.insert(contacts).values({ name: "Ada" });
    await db.sql("insert into contacts (name) values ('Grace')"); // the same transaction
  });
  const both = async (): Promise<void> => {
    await orm.insert(contacts).values({ name: "Edsger" });
    await orm.insert(contacts).values({ name: "Ada" }); // is there already
  };
  await db.atomic(both).catch(({ cause }: { cause: Error }) => console.log(cause.message));
  console.log(await orm.query.contacts.findMany());
});
await db.closeAll();
