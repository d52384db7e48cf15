import assert from "node:assert/strict";
import { test } from "node:test";
import knex, { type Knex } from "knex";
import type { PoolClient } from "pg";
import { until } from "../../../support/wait.ts";
import { openBoth, openPool } from "../open.ts";

for (const [over, open] of [
  ["pg's options", openPool],
  ["a database object", openBoth],
] as const) {
  test(`Knex takes the pool: over ${over}`, async (t) => {
    const { pool } = await open(t);
    const db = knex({ client: "pg", connectionPool: pool });
    await usePeople(db);
    await db.destroy();
    await until("all to be back", () => pool.idleCount === pool.totalCount);
    assert.equal((await pool.query("select count(*) from people")).rows[0].count, "2");
  });
}

test("a pool of Knex's own draws its connections from the pool and gives them back", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 3 });
  const db = knex({ client: "pg", connection: fresh.url, pool: { min: 0, max: 3 } });
  t.after(() => db.destroy());
  Object.assign(db.client, {
    acquireRawConnection: () => pool.connect(),
    destroyRawConnection: async (client: PoolClient) => client.release(),
  });
  await usePeople(db);
  // Not over `connectionPool`, where Knex 3.3.0 releases a stream's client twice, with pg's pool too.
  const streamed: unknown[] = [];
  for await (const row of db("people").orderBy("id").select("name").stream()) streamed.push(row);
  assert.deepEqual(streamed, [{ name: "Ada" }, { name: "Grace" }]);
  await db.destroy();
  assert.equal(pool.idleCount, pool.totalCount);
});

/** Schema, transactions, statements side by side. */
async function usePeople(db: Knex): Promise<void> {
  await db.schema.createTable("people", (table) => {
    table.increments("id");
    table.text("name");
  });
  await db.transaction(async (trx) => {
    await trx("people").insert([{ name: "Ada" }, { name: "Grace" }]);
  });
  await assert.rejects(
    db.transaction(async (trx) => {
      await trx("people").delete();
      throw new Error("not so");
    }),
    /not so/,
  );
  const names = await Promise.all(Array.from({ length: 10 }, () => db("people").orderBy("id").pluck("name")));
  for (const each of names) assert.deepEqual(each, ["Ada", "Grace"]);
}
