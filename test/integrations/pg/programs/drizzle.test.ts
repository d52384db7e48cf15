import assert from "node:assert/strict";
import { test } from "node:test";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, serial, text } from "drizzle-orm/pg-core";
import { openPool } from "../open.ts";

const people = pgTable("people", { id: serial().primaryKey(), name: text() });

test("Drizzle takes the pool for pg's own: its transactions are on one client", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 3 });
  await fresh.exec("create table people (id serial primary key, name text)");
  const db = drizzle(pool);
  await db.insert(people).values([{ name: "Ada" }, { name: "Grace" }]);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.delete(people);
      await tx.transaction(async (inner) => {
        await inner.insert(people).values({ name: "Inner" });
      });
      throw new Error("not so");
    }),
    /not so/,
  );
  const found = await db.select().from(people).where(eq(people.name, "Ada"));
  assert.deepEqual(found, [{ id: 1, name: "Ada" }]);
  assert.equal((await db.select().from(people)).length, 2);
  // Were each statement of a transaction another client's, the one that was rolled back would still be open.
  const open = await fresh.exec("select 1 from pg_stat_activity where state like 'idle in transaction%'");
  assert.deepEqual(open, []);
});
