import { db } from "./database.ts";

export interface Contact {
  readonly id: number;
  readonly name: string;
  readonly phone: string | null;
  readonly visits: number;
}

// No function here is handed a connection: `db` finds the one that belongs to the request it is called in.

export function listContacts(): Promise<Contact[]> {
  return db.select<Contact>`select id, name, phone, visits from contacts order by name`;
}

export function findContact(id: number): Promise<Contact | null> {
  return db.getOrNone<Contact>`select id, name, phone, visits from contacts where id = ${id}`;
}

export async function tagsOf(id: number): Promise<string[]> {
  const rows = await db.select<{ label: string }>`
    select label from tags join contact_tags on tag_id = tags.id where contact_id = ${id} order by label`;
  return rows.map(({ label }) => label);
}

/** Counts a visit. The two statements are one transaction: both happen, or neither does. */
export function visit(id: number): Promise<Contact | null> {
  return db.atomic(async () => {
    await db.sql`update contacts set visits = visits + 1 where id = ${id}`;
    return findContact(id);
  });
}
