/**
 * Contacts in Express, on SQLite: `node examples/express/server.ts`. With `DATABASE_URL=postgresql://…` on that PostgreSQL.
 */

import { connection } from "apocryphan/express";
import express from "express";
import { databaseOf } from "../web/database.ts";

const db = await databaseOf(process.env.DATABASE_URL);
const app = express();
app.use(express.json());
app.use(connection(db, { transaction: true }));

app.get("/contacts", async (_req, res) => {
  res.json(await db.select("select id, name from contacts order by id"));
});

app.post("/contacts", async (req, res) => {
  await db.sql`insert into contacts (name) values (${req.body.name})`;
  res.status(201).json({ name: req.body.name });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : ""}/contacts`);
});

process.once("SIGTERM", () => {
  server.close(() => db.drain("10s"));
});
