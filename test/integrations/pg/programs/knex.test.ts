import assert from "node:assert/strict";
import { test } from "node:test";
import knex from "knex";
import type { PoolClient } from "pg";
import { openPool } from "../open.ts";

test("Knex draws its connections from the pool and gives them back", async (t) => {
  const { pool, fresh } = await openPool(t, { max: 3 });
  const db = knex({ client: "pg", connection: fresh.url, pool: { min: 0, max: 3 } });
  t.after(() => db.destroy());
  Object.assign(db.client, {
    acquireRawConnection: () => pool.connect(),
    destroyRawConnection: async (client: PoolClient) => client.release(),
  });
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
  const streamed: unknown[] = [];
  for await (const row of db("people").orderBy("id").select("name").stream()) streamed.push(row);
  assert.deepEqual(streamed, [{ name: "Ada" }, { name: "Grace" }]);
  await db.destroy();
  assert.equal(pool.idleCount, pool.totalCount);
});
