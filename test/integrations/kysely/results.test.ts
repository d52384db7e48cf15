import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortedTransactionError, type Kysely, type Selectable, sql } from "kysely";
import { FORMS } from "../../support/open.ts";
import { add, openKysely, type Tables } from "./kysely.ts";

/** Holds when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

for (const form of FORMS) {
  test(`${form.title}: counts and keys are told as Kysely tells them`, async (t) => {
    const { db, kysely } = await openKysely(form, t);
    const inserted = await kysely
      .insertInto("contacts")
      .values([{ name: "Ada" }, { name: "Grace" }])
      .executeTakeFirstOrThrow();
    assert.equal(inserted.numInsertedOrUpdatedRows, 2n);
    if (db.dialect === "postgresql") assert.equal(inserted.insertId, undefined);
    else assert.equal(typeof inserted.insertId, "bigint");
    const updated = await kysely.updateTable("contacts").set({ age: 36 }).executeTakeFirstOrThrow();
    assert.equal(updated.numUpdatedRows, 2n);
    const again = await kysely.updateTable("contacts").set({ age: 36 }).executeTakeFirstOrThrow();
    assert.equal(again.numUpdatedRows, 2n, "found, though not changed");
    if (form.title.startsWith("mysql,")) assert.equal(again.numChangedRows, 0n);
    const raw = await sql`update contacts set age = ${37} where name = ${"Ada"}`.execute(kysely);
    assert.equal(raw.numAffectedRows, 1n);
    const read = await sql`select count(*) as n from contacts`.execute(kysely);
    assert.deepEqual(read.rows, [{ n: 2 }]);
    assert.equal(read.numAffectedRows, undefined);
    const deleted = await kysely.deleteFrom("contacts").where("name", "=", "Ada").executeTakeFirstOrThrow();
    assert.equal(deleted.numDeletedRows, 1n);
  });

  test(`${form.title}: rows have the types that Kysely infers`, async (t) => {
    const { db, kysely } = await openKysely(form, t);
    await add(kysely, "Ada");
    const rows = await kysely.selectFrom("contacts").select(["id", "age"]).execute();
    holds<Same<typeof rows, { id: number; age: number | null }[]>>();
    assert.deepEqual(rows, [{ id: 1, age: null }]);
    if (db.dialect === "mysql") return;
    const row = await kysely
      .insertInto("contacts")
      .values({ name: "Grace" })
      .returningAll()
      .executeTakeFirstOrThrow();
    holds<Same<typeof row, Selectable<Tables["contacts"]>>>();
    assert.deepEqual(row, { id: 2, name: "Grace", age: null });
  });

  test(`${form.title}: what the database refuses is a DatabaseError, and a transaction rolls back`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await add(kysely, "Ada");
    const twice = kysely.transaction().execute(async (trx) => {
      await add(trx, "Grace");
      await add(trx, "Ada");
    });
    await assert.rejects(twice, { code: "DATABASE_ERROR", kind: "unique" });
    assert.deepEqual(await names(), ["Ada"]);
    if (db.dialect !== "postgresql") return;
    const caught = kysely.transaction().execute(async (trx) => {
      await add(trx, "Grace");
      await add(trx, "Ada").catch(() => {});
    });
    await assert.rejects(caught, AbortedTransactionError);
    const trx = await kysely.startTransaction().execute();
    await add(trx, "Ada").catch(() => {});
    await assert.rejects(trx.commit().execute(), AbortedTransactionError);
    assert.equal(trx.isRolledBack, true);
    assert.deepEqual(await names(), ["Ada"]);
  });

  test(`${form.title}: a transaction is begun as it was asked to be`, async (t) => {
    const { db, kysely } = await openKysely(form, t);
    const write = (trx: Kysely<Tables>): Promise<void> => add(trx, "Ada");
    await assert.rejects(kysely.transaction().setAccessMode("read only").execute(write), {
      code: "DATABASE_ERROR",
    });
    const controlled = await kysely.startTransaction().setAccessMode("read only").execute();
    if (db.dialect !== "sqlite") await assert.rejects(write(controlled), { code: "DATABASE_ERROR" });
    await controlled.rollback().execute();
    await kysely
      .transaction()
      .setAccessMode("read write")
      .setIsolationLevel("serializable")
      .execute(async (trx) => {
        if (db.dialect === "postgresql") {
          const { rows } = await sql`show transaction_isolation`.execute(trx);
          assert.deepEqual(rows, [{ transaction_isolation: "serializable" }]);
        }
        await write(trx);
      });
    await assert.rejects(
      db.atomic(() => kysely.transaction().setIsolationLevel("serializable").execute(write)),
      { code: "OPTION_INVALID" },
    );
    await assert.rejects(kysely.transaction().setIsolationLevel("snapshot").execute(write), {
      code: "OPTION_INVALID",
    });
  });
}
