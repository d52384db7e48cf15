import type { TestContext } from "node:test";
import { ApocryphanDialect } from "apocryphan/kysely";
import { type Generated, Kysely } from "kysely";
import { contactsTable, type FORMS, openForm, openPooled, type Way } from "../../support/open.ts";

export interface Tables {
  contacts: { id: Generated<number>; name: string; age: number | null };
}

/** Kysely over a database object with a table of contacts, in one of the forms there are. */
export async function openKysely(form: (typeof FORMS)[number], t: TestContext) {
  const db = await openForm(form, t);
  await db.sql(contactsTable(db.dialect));
  return { db, kysely: kyselyOver(db), names: () => namesIn(db) };
}

/** The same over a pool that takes no connection by itself. */
export async function openPooledKysely(
  way: Way,
  t: TestContext,
  options: Parameters<typeof openPooled>[2] = {},
) {
  const db = await openPooled(way, t, { timeout: "20s", ...options });
  await db.withConnection((connection) => connection.sql(contactsTable(db.dialect)));
  return { db, kysely: kyselyOver(db), names: () => namesIn(db) };
}

type Db = ConstructorParameters<typeof ApocryphanDialect>[0];

function kyselyOver(db: Db): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new ApocryphanDialect(db) });
}

/** Who is in the table, as seen from where this is called. */
async function namesIn(db: Db): Promise<string[]> {
  const look = () => db.select<{ name: string }>("select name from contacts order by name");
  const rows = db.autoconnect ? await look() : await db.withConnection(look);
  return rows.map((row) => row.name);
}

/** Adds a contact with Kysely. */
export async function add(kysely: Kysely<Tables>, name: string): Promise<void> {
  await kysely.insertInto("contacts").values({ name }).execute();
}
