import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMS } from "../../support/open.ts";
import { add, openKysely } from "./kysely.ts";

for (const form of FORMS) {
  test(`${form.title}: Kysely's statements in an atomic block are committed with it`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.atomic(async () => {
      await add(kysely, "Ada");
      assert.deepEqual(await names(), ["Ada"], "the block sees it");
    });
    assert.deepEqual(await names(), ["Ada"]);
  });

  test(`${form.title}: Kysely's statements in an atomic block are rolled back with it`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    const stop = new Error("stop");
    await assert.rejects(
      db.atomic(async () => {
        await db.sql("insert into contacts (name) values ('Grace')");
        const seen = await kysely.selectFrom("contacts").select("name").execute();
        assert.deepEqual(seen, [{ name: "Grace" }], "Kysely sees what the block wrote");
        await add(kysely, "Ada");
        throw stop;
      }),
      stop,
    );
    assert.deepEqual(await names(), []);
  });

  test(`${form.title}: Kysely's statements in a scope run on its connection`, async (t) => {
    const { db, kysely } = await openKysely(form, t);
    const one = async (): Promise<void> => {
      await db.sql("create temporary table mine (id int)");
      await db.sql("insert into mine (id) values (7)");
      const table = kysely as unknown as import("kysely").Kysely<{ mine: { id: number } }>;
      assert.deepEqual(await table.selectFrom("mine").select("id").execute(), [{ id: 7 }]);
      await db.sql("drop table mine");
    };
    await db.withConnection(one);
    await db.context(async () => {
      await db.connect();
      await one();
      await db.close();
    });
  });
}
