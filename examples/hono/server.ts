/**
 * Contacts in Hono, on SQLite: `node examples/hono/server.ts`. With `DATABASE_URL=postgresql://…` on that PostgreSQL.
 */
import { serve } from "@hono/node-server";
import { connection } from "apocryphan/hono";
import { Hono } from "hono";
import { databaseOf } from "../web/database.ts";

const db = await databaseOf(process.env.DATABASE_URL);
const app = new Hono();
app.use(connection(db, { transaction: true }));

app.get("/contacts", async (c) => c.json(await db.select("select id, name from contacts order by id")));

app.post("/contacts", async (c) => {
  const { name } = await c.req.json<{ name: string }>();
  await db.sql`insert into contacts (name) values (${name})`;
  return c.json({ name }, 201);
});

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`http://localhost:${port}/contacts`);
});

process.once("SIGTERM", () => {
  server.close(() => db.drain("10s"));
});
