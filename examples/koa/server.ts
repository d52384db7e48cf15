/**
 * Contacts in Koa, on SQLite: `node examples/koa/server.ts`. With `DATABASE_URL=postgresql://…` on that PostgreSQL.
 */
import { json } from "node:stream/consumers";
import { connection } from "apocryphan/koa";
import Koa from "koa";
import { databaseOf } from "../web/database.ts";

const db = await databaseOf(process.env.DATABASE_URL);
const app = new Koa();
app.use(connection(db, { transaction: true }));

app.use(async (ctx) => {
  if (ctx.path !== "/contacts") return;
  if (ctx.method === "GET") {
    ctx.body = await db.select("select id, name from contacts order by id");
  } else if (ctx.method === "POST") {
    const { name } = (await json(ctx.req)) as { name: string };
    await db.sql`insert into contacts (name) values (${name})`;
    ctx.status = 201;
    ctx.body = { name };
  }
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : ""}/contacts`);
});

process.once("SIGTERM", () => {
  server.close(() => db.drain("10s"));
});
