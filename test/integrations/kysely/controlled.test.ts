import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMS } from "../../support/open.ts";
import { add, openKysely } from "./kysely.ts";

for (const form of FORMS) {
  test(`${form.title}: a controlled transaction without a scope is committed or rolled back`, async (t) => {
    const { kysely, names } = await openKysely(form, t);
    const kept = await kysely.startTransaction().execute();
    await add(kept, "Ada");
    await kept.commit().execute();
    const undone = await kysely.startTransaction().execute();
    await add(undone, "Grace");
    await undone.rollback().execute();
    assert.deepEqual(await names(), ["Ada"]);
  });

  test(`${form.title}: a controlled transaction in a scope takes in all that its connection does`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.withConnection(async () => {
      const trx = await kysely.startTransaction().execute();
      await add(trx, "Ada");
      await add(kysely, "Grace");
      await db.atomic(() => db.sql("insert into contacts (name) values ('Edsger')"));
      assert.deepEqual(await names(), ["Ada", "Edsger", "Grace"]);
      await trx.rollback().execute();
      assert.deepEqual(await names(), []);
      await add(kysely, "Barbara");
    });
    assert.deepEqual(await names(), ["Barbara"]);
  });

  test(`${form.title}: a controlled transaction in an atomic block is a savepoint`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.atomic(async () => {
      await add(kysely, "Ada");
      const undone = await kysely.startTransaction().execute();
      await add(undone, "Grace");
      await undone.rollback().execute();
      const kept = await kysely.startTransaction().execute();
      await add(kept, "Edsger");
      await kept.commit().execute();
      assert.deepEqual(await names(), ["Ada", "Edsger"]);
    });
    assert.deepEqual(await names(), ["Ada", "Edsger"]);
  });

  test(`${form.title}: savepoints of a controlled transaction`, async (t) => {
    const { kysely, names } = await openKysely(form, t);
    const trx = await kysely.startTransaction().execute();
    await add(trx, "Ada");
    const after = await trx.savepoint("after Ada").execute();
    await add(after, "Grace");
    await after.rollbackToSavepoint("after Ada").execute();
    await add(after, "Edsger");
    await after.releaseSavepoint("after Ada").execute();
    await trx.commit().execute();
    assert.deepEqual(await names(), ["Ada", "Edsger"]);
  });

  test(`${form.title}: a second controlled transaction on one connection is refused`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.withConnection(async () => {
      const first = await kysely.startTransaction().execute();
      await assert.rejects(kysely.startTransaction().execute(), { code: "CONTROLLED_TRANSACTION" });
      await add(first, "Ada");
      await first.commit().execute();
      const second = await kysely.startTransaction().execute();
      await add(second, "Grace");
      await second.commit().execute();
    });
    assert.deepEqual(await names(), ["Ada", "Grace"]);
  });

  test(`${form.title}: a controlled transaction can't be used after the block around it`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.withConnection(async () => {
      const left = await db.atomic(() => kysely.startTransaction().execute());
      await assert.rejects(add(left, "Ada"), { code: "TRANSACTION_ENDED" });
      await assert.rejects(left.commit().execute(), { code: "TRANSACTION_ENDED" });
      const next = await kysely.startTransaction().execute();
      await next.commit().execute();
    });
    assert.deepEqual(await names(), []);
  });
}
