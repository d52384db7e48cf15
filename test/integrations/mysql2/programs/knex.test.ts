import assert from "node:assert/strict";
import { test } from "node:test";
import knex, { type Knex } from "knex";
import type { PoolConnection } from "mysql2";
import { connectionOf, counts, openPool } from "../support.ts";

test("Knex takes the pool, with callbacks or with promises", async (t) => {
  const pool = openPool(t, { connectionLimit: 3 });
  // Knex's types do not know mysql2's own pools either.
  for (const connectionPool of [pool, pool.promise()] as unknown[] as Knex.ConnectionPool[]) {
    const db = knex({ client: "mysql2", connectionPool });
    await useTowns(db);
    await db.destroy();
    assert.deepEqual(counts(pool), { all: 3, free: 3, queued: 0 });
  }
});

test("a pool of Knex's own draws its connections from the pool and gives them back", async (t) => {
  const pool = openPool(t, { connectionLimit: 3 });
  const db = knex({ client: "mysql2", connection: {}, pool: { min: 0, max: 3 } });
  t.after(() => db.destroy());
  Object.assign(db.client, {
    acquireRawConnection: () => connectionOf(pool),
    destroyRawConnection: async (connection: PoolConnection) => connection.release(),
  });
  await useTowns(db);
  await db.destroy();
  assert.equal(counts(pool).free, counts(pool).all);
});

/** Schema, transactions, statements side by side, a stream. */
async function useTowns(db: Knex): Promise<void> {
  await db.schema.dropTableIfExists("towns");
  await db.schema.createTable("towns", (table) => {
    table.increments("id");
    table.string("name");
  });
  await db.transaction(async (trx) => {
    await trx("towns").insert([{ name: "Ulm" }, { name: "Bonn" }]);
  });
  await assert.rejects(
    db.transaction(async (trx) => {
      await trx("towns").delete();
      throw new Error("not so");
    }),
    /not so/,
  );
  const names = await Promise.all(Array.from({ length: 10 }, () => db("towns").orderBy("id").pluck("name")));
  for (const each of names) assert.deepEqual(each, ["Ulm", "Bonn"]);
  const streamed: unknown[] = [];
  for await (const row of db("towns").orderBy("id").select("name").stream()) streamed.push(row);
  assert.deepEqual(streamed, [{ name: "Ulm" }, { name: "Bonn" }]);
}
