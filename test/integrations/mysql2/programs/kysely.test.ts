import assert from "node:assert/strict";
import { test } from "node:test";
import { type Generated, Kysely, MysqlDialect, sql } from "kysely";
import { counts, database, openPool } from "../support.ts";

interface Tables {
  pets: { id: Generated<number>; name: string };
}

test("Kysely's MysqlDialect takes the pool: statements, transactions, streams", async (t) => {
  const pool = openPool(t, { connectionLimit: 3 });
  const db = new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
  await sql`create table pets (id int primary key auto_increment, name varchar(20) unique) engine=innodb`.execute(
    db,
  );
  const { insertId } = await db.insertInto("pets").values({ name: "Rex" }).executeTakeFirstOrThrow();
  assert.equal(insertId, 1n);
  await assert.rejects(
    db.transaction().execute(async (trx) => {
      await trx.insertInto("pets").values({ name: "Nobody" }).execute();
      throw new Error("not so");
    }),
    /not so/,
  );
  await assert.rejects(db.insertInto("pets").values({ name: "Rex" }).execute(), { code: "ER_DUP_ENTRY" });
  const all = await Promise.all(
    Array.from({ length: 12 }, () => db.selectFrom("pets").select("name").execute()),
  );
  for (const each of all) assert.deepEqual(each, [{ name: "Rex" }]);
  const streamed: unknown[] = [];
  for await (const row of db.selectFrom("pets").select("name").stream()) streamed.push(row);
  assert.deepEqual(streamed, [{ name: "Rex" }]);
  assert.equal(counts(pool).free, counts(pool).all);
  await db.destroy();
  assert.deepEqual(await database.exec("select name from pets"), [{ name: "Rex" }]);
});
