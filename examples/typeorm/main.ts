/** Contacts with TypeORM over the pool in pg's manner: started by `start.ts`. */

import { Pool } from "apocryphan/pg";
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";

interface Contact {
  id: number;
  name: string;
}

const contacts = new EntitySchema<Contact>({
  name: "contacts",
  columns: {
    id: { type: "int", primary: true, generated: true },
    name: { type: "text", unique: true },
  },
});

const source = new DataSource({
  type: "postgres",
  url: process.env.DATABASE_URL ?? "",
  driver: { ...pg, Pool }, // the one line: TypeORM makes its pool of the class that it is given with pg
  poolSize: 5,
  extra: { maxWaiting: 100 }, // pg's options, and those of ours
  entities: [contacts],
  synchronize: true,
  dropSchema: true,
});
await source.initialize();

await source.transaction(async (manager) => {
  await manager.save(contacts, [{ name: "Ada" }, { name: "Grace" }]);
});

await source
  .transaction(async (manager) => {
    await manager.delete(contacts, { name: "Ada" });
    await manager.insert(contacts, [{ name: "Edsger" }, { name: "Edsger" }]); // the second is one too many
  })
  .catch((error: Error) => console.log(`refused, and undone: ${error.message}`));

// Many at once wait for one of the five connections.
const repository = source.getRepository(contacts);
const counts = await Promise.all(Array.from({ length: 40 }, () => repository.count()));
const pool: Pool = Object(source.driver).master;
console.log(`${counts.length} counts over ${pool.totalCount} connections of ${pool.options.max} at most`);
console.log(await repository.find({ order: { id: "asc" } }));

await source.destroy();
