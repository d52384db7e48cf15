import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { type Generated, Kysely, type PostgresCursorConstructor, PostgresDialect } from "kysely";
import { openPool } from "../open.ts";

const Cursor: PostgresCursorConstructor = createRequire(import.meta.url)("pg-cursor");

interface Tables {
  readonly people: { readonly id: Generated<number>; readonly name: string };
}

test("Kysely's own PostgreSQL dialect works over the pool: queries, transactions, streams", async (t) => {
  const { pool } = await openPool(t, { max: 2 });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
  await db.schema
    .createTable("people")
    .addColumn("id", "serial", (column) => column.primaryKey())
    .addColumn("name", "text")
    .execute();
  await db.transaction().execute(async (tx) => {
    await tx.insertInto("people").values({ name: "Ada" }).execute();
    await tx.insertInto("people").values({ name: "Grace" }).execute();
  });
  const failure = db.transaction().execute(async (tx) => {
    await tx.insertInto("people").values({ name: "Nobody" }).execute();
    throw new Error("changed my mind");
  });
  await assert.rejects(failure, /changed my mind/);
  const streamed: string[] = [];
  for await (const { name } of db.selectFrom("people").select("name").orderBy("id").stream(1)) {
    streamed.push(name);
  }
  assert.deepEqual(streamed, ["Ada", "Grace"]);
  const many = await Promise.all(
    Array.from({ length: 20 }, () =>
      db.selectFrom("people").select(db.fn.countAll<string>().as("count")).executeTakeFirst(),
    ),
  );
  assert.ok(many.every((row) => row?.count === "2"));
  assert.ok(pool.totalCount <= 2);
  await db.destroy();
  assert.equal(pool.ended, true);
});
