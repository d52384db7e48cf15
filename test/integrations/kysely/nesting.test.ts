import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "apocryphan";
import type { Kysely } from "kysely";
import { FORMS } from "../../support/open.ts";
import { add, openKysely, type Tables } from "./kysely.ts";

const stop = new Error("stop");

/** The two ways to open a block, each with the two ways to write in it. */
const OPENERS = {
  atomic: (db: Database, _: Kysely<Tables>, fn: () => Promise<void>) => db.atomic(fn),
  kysely: (_: Database, kysely: Kysely<Tables>, fn: () => Promise<void>) => kysely.transaction().execute(fn),
} as const;

const kinds = ["atomic", "kysely"] as const;

for (const form of FORMS) {
  for (const outer of kinds) {
    for (const inner of kinds) {
      for (const fails of ["none", "inner", "outer"] as const) {
        test(`${form.title}: ${inner} in ${outer}, ${fails} of which fails`, async (t) => {
          const { db, kysely, names } = await openKysely(form, t);
          const work = OPENERS[outer](db, kysely, async () => {
            await db.sql("insert into contacts (name) values ('outer by db')");
            await add(kysely, "outer by kysely");
            const inside = OPENERS[inner](db, kysely, async () => {
              assert.ok(db.isTrans);
              await db.sql("insert into contacts (name) values ('inner by db')");
              await add(kysely, "inner by kysely");
              assert.equal((await names()).length, 4, "the inner block sees all four");
              if (fails === "inner") throw stop;
            });
            if (fails === "inner") await assert.rejects(inside, stop);
            else await inside;
            if (fails === "outer") throw stop;
          });
          if (fails === "outer") await assert.rejects(work, stop);
          else await work;
          const kept = {
            none: ["inner by db", "inner by kysely", "outer by db", "outer by kysely"],
            inner: ["outer by db", "outer by kysely"],
            outer: [],
          };
          assert.deepEqual(await names(), kept[fails]);
          assert.equal(db.isTrans, false);
        });
      }
    }
  }

  test(`${form.title}: what a Kysely transaction's own object does inside an inner block belongs to that`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await kysely.transaction().execute(async (trx) => {
      await add(trx, "Ada");
      await assert.rejects(
        db.atomic(async () => {
          await add(trx, "Grace");
          throw stop;
        }),
        stop,
      );
      assert.deepEqual(await names(), ["Ada"]);
    });
    assert.deepEqual(await names(), ["Ada"]);
  });

  test(`${form.title}: a Kysely transaction's own object belongs to it from any async context`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await assert.rejects(
      kysely.transaction().execute(async (trx) => {
        await db.context(() => add(trx, "Ada"));
        throw stop;
      }),
      stop,
    );
    assert.deepEqual(await names(), []);
  });

  test(`${form.title}: a pinned connection is the scope's, and its transaction nests`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await db.atomic(async () => {
      await kysely.connection().execute(async (pinned) => {
        await add(pinned, "Ada");
        await assert.rejects(
          pinned.transaction().execute(async () => {
            await db.sql("insert into contacts (name) values ('Grace')");
            throw stop;
          }),
          stop,
        );
        await add(pinned, "Edsger");
      });
      assert.deepEqual(await names(), ["Ada", "Edsger"]);
    });
    assert.deepEqual(await names(), ["Ada", "Edsger"]);
  });

  test(`${form.title}: a transaction on a connection pinned outside a scope is everybody's who is called in it`, async (t) => {
    const { db, kysely, names } = await openKysely(form, t);
    await kysely.connection().execute(async (pinned) => {
      await assert.rejects(
        pinned.transaction().execute(async () => {
          await db.sql("insert into contacts (name) values ('Grace')");
          throw stop;
        }),
        stop,
      );
      await add(pinned, "Ada");
    });
    assert.deepEqual(await names(), ["Ada"]);
  });
}
