/**
 * Contacts in Fastify, on SQLite: `node examples/fastify/server.ts`. With `DATABASE_URL=postgresql://…` on that PostgreSQL.
 */
import { connection } from "apocryphan/fastify";
import fastify from "fastify";
import { databaseOf } from "../web/database.ts";

const db = await databaseOf(process.env.DATABASE_URL);
const app = fastify();
app.register(connection(db, { transaction: true }));

app.get("/contacts", () => db.select("select id, name from contacts order by id"));

app.post<{ Body: { name: string } }>("/contacts", async (request, reply) => {
  const { name } = request.body;
  await db.sql`insert into contacts (name) values (${name})`;
  return reply.code(201).send({ name });
});

console.log(`${await app.listen({ port: Number(process.env.PORT ?? 3000) })}/contacts`);

process.once("SIGTERM", async () => {
  await app.close();
  await db.drain("10s");
});
