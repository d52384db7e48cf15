/** Contacts with Prisma over the pool of a database object: installed, generated and started by `start.ts`. */

import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";
import { Pool } from "apocryphan/pg";
import { PooledPostgreSQLDatabase } from "apocryphan/pool";

const db = new PooledPostgreSQLDatabase({
  url: process.env.DATABASE_URL ?? "",
  maxConnections: 5,
  timeout: "5s",
  autoconnect: true,
});
const prisma = new PrismaClient({ adapter: new PrismaPg(Pool.from(db)) });

await db.sql("drop table if exists contacts");
await db.sql("create table contacts (id serial primary key, name text not null unique)");

await prisma.$transaction([
  prisma.contacts.create({ data: { name: "Ada" } }),
  prisma.contacts.create({ data: { name: "Grace" } }),
]);

const edsgers = async (tx) => {
  await tx.contacts.deleteMany();
  await tx.contacts.create({ data: { name: "Edsger" } });
  await tx.contacts.create({ data: { name: "Edsger" } }); // is there already
};
await prisma.$transaction(edsgers).catch((error) => console.log(`refused, and undone: ${error.code}`));

// Many at once: they wait for one of the five connections, which they share with the library's own statements.
const counts = await Promise.all([
  ...Array.from({ length: 20 }, () => prisma.contacts.count()),
  ...Array.from({ length: 20 }, () => db.get("select count(*)::int as n from contacts")),
]);
console.log(`${counts.length} counts over ${db.stats().open} connections of ${db.stats().max} at most`);
console.log(await prisma.contacts.findMany({ orderBy: { id: "asc" } }));

await prisma.$disconnect();
await db.closeAll();
