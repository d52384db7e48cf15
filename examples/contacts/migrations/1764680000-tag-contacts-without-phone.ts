/** tag the contacts without a phone */
import { step } from "apocryphan/rider";

// Two branches meet here: both have to be applied first.
export const depends = ["1764590000-add-phone", "1764593600-create-tags"];

export const steps = [
  step(
    async (db) => {
      await db.sql("insert into tags (id, label) values (1, 'ask for phone')");
      const contacts = await db.select<{ id: number }>("select id from contacts where phone is null");
      for (const { id } of contacts) {
        await db.sql`insert into contact_tags (contact_id, tag_id) values (${id}, 1)`;
      }
    },
    async (db) => {
      await db.sql("delete from contact_tags where tag_id = 1");
      await db.sql("delete from tags where id = 1");
    },
  ),
];
