/**
 * A page of contacts in Express, as one writes it for `pg`. One line was changed, the import of `Pool`.
 */
import { Pool } from "apocryphan/pg"; // was: import { Pool } from "pg";
import express from "express";
import { type Contact, contactsPage } from "./views.ts";

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 5000 });

await pool.query("create table if not exists contacts (id serial primary key, name text not null unique)");
await pool.query("create table if not exists changes (id serial primary key, what text not null)");

const app = express();
app.use(express.urlencoded());

async function page(problem?: string): Promise<string> {
  const contacts = await pool.query<Contact>("select id, name from contacts order by name");
  const changes = await pool.query<{ count: string }>("select count(*) from changes");
  return contactsPage(contacts.rows, Number(changes.rows[0]?.count), problem);
}

app.get("/", async (_req, res) => {
  res.send(await page());
});

app.post("/contacts", async (req, res) => {
  const name = String(req.body?.name ?? "");
  const client = await pool.connect();
  let problem = "";
  try {
    await client.query("begin");
    await client.query("insert into changes (what) values ($1)", [`added ${name}`]);
    await client.query("insert into contacts (name) values ($1)", [name]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: unique_violation
    if (!(error instanceof Error && "code" in error && error.code === "23505")) throw error;
    problem = `${name} is there already.`;
  } finally {
    client.release();
  }
  if (problem === "") res.redirect(303, "/");
  else res.status(409).send(await page(problem));
});

app.post("/contacts/:id/delete", async (req, res) => {
  const deleted = await pool.query("delete from contacts where id = $1", [req.params.id]);
  if (deleted.rowCount === 0) {
    res.status(404).send(await page("That contact is gone."));
    return;
  }
  await pool.query("insert into changes (what) values ('deleted')");
  res.redirect(303, "/");
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : ""}/`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(() => pool.end());
    server.closeIdleConnections();
  });
}
