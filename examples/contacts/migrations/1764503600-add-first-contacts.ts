/** add the first contacts */
import { step } from "apocryphan/rider";

export const depends = ["1764500000-create-contacts"];

const names = ["Ada Lovelace", "Alan Turing", "Edgar Codd", "Grace Hopper", "Margaret Hamilton"];

export const steps = [
  step(
    async (db) => {
      for (const name of names) await db.sql`insert into contacts (name) values (${name})`;
    },
    (db) => db.sql("delete from contacts"),
  ),
];
