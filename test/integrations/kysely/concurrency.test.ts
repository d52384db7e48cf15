import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMS, WAYS } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { add, openKysely, openPooledKysely } from "./kysely.ts";

const stop = new Error("stop");

for (const form of FORMS) {
  test(`${form.title}: two Kysely transactions side by side in one scope run one after the other`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    let inside = 0;
    const one = (name: string, fails: boolean) =>
      kysely.transaction().execute(async (trx) => {
        assert.equal(++inside, 1, "nobody else is inside");
        await add(trx, name);
        await new Promise((resolve) => setImmediate(resolve));
        await trx.selectFrom("contacts").selectAll().execute();
        inside--;
        if (fails) throw stop;
      });
    await db.withConnection(async () => {
      const [, refused, , beside] = await Promise.allSettled([
        one("Ada", false),
        one("Grace", true),
        one("Edsger", false),
        add(kysely, "Barbara"),
      ]);
      assert.equal(refused?.status === "rejected" && refused.reason, stop);
      assert.equal(beside?.status, "fulfilled");
    });
    assert.deepEqual(await names(), ["Ada", "Barbara", "Edsger"]);
  });

  test(`${form.title}: a statement beside a Kysely transaction never runs inside it`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.withConnection(async () => {
      const results = await Promise.allSettled([
        kysely.transaction().execute(async (trx) => {
          await add(trx, "Ada");
          await new Promise((resolve) => setImmediate(resolve));
          throw stop;
        }),
        add(kysely, "Grace"),
        db.sql("insert into contacts (name) values ('Edsger')"),
      ]);
      assert.deepEqual(
        results.map((result) => result.status),
        ["rejected", "fulfilled", "fulfilled"],
      );
    });
    assert.deepEqual(await names(), ["Edsger", "Grace"]);
  });
}

for (const way of WAYS) {
  test(`${way.title}: 200 contexts with transactions of either kind leave nothing behind`, async (t) => {
    const { db, kysely, names } = await openPooledKysely(way, t, { maxConnections: 4, timeout: "60s" });
    const expected: string[] = [];
    const one = async (i: number): Promise<void> => {
      const name = `contact ${String(i).padStart(3, "0")}`;
      const fails = i % 4 === 3;
      const write = async (): Promise<void> => {
        await add(kysely, name);
        if (i % 3 === 0)
          await kysely.transaction().execute((trx) => trx.selectFrom("contacts").select("id").execute());
        if (fails) throw stop;
      };
      if (!fails) expected.push(name);
      const block =
        i % 2 === 0
          ? db.context(() => kysely.transaction().execute(write))
          : db.withConnection(() => db.atomic(write));
      if (fails) await assert.rejects(block, stop);
      else await block;
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => one(i)));
    assert.deepEqual(await names(), expected.sort());
    await until("nothing is in use, being opened or waited for", () => {
      const { inUse, waiting, connecting } = db.stats();
      return inUse + waiting + connecting === 0;
    });
    assert.ok(db.stats().open <= 4);
  });
}
