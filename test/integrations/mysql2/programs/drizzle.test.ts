import assert from "node:assert/strict";
import { test } from "node:test";
import { eq, sql } from "drizzle-orm";
import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle } from "drizzle-orm/mysql2";
import { counts, openPool } from "../support.ts";

const plants = mysqlTable("plants", {
  id: int().primaryKey().autoincrement(),
  name: varchar({ length: 20 }).notNull(),
});

test("Drizzle takes the pool, with callbacks or with promises", async (t) => {
  const pool = openPool(t, { connectionLimit: 3 });
  const db = drizzle({ client: pool });
  await db.execute(sql`create table plants (id int primary key auto_increment, name varchar(20) not null)`);
  const [inserted] = await db.insert(plants).values({ name: "Fern" });
  assert.equal(inserted.insertId, 1);
  const other = drizzle({ client: pool.promise() });
  await assert.rejects(
    other.transaction(async (tx) => {
      await tx.insert(plants).values({ name: "Weed" });
      throw new Error("not so");
    }),
    /not so/,
  );
  await other.transaction(async (tx) => {
    await tx.update(plants).set({ name: "Moss" }).where(eq(plants.id, 1));
  });
  assert.deepEqual(await db.select().from(plants), [{ id: 1, name: "Moss" }]);
  assert.equal(counts(pool).free, counts(pool).all);
});
