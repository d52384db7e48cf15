import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "apocryphan";
import { TransactionRollbackError } from "drizzle-orm";
import { FORMS } from "../../support/open.ts";
import { type Orm, openOrm } from "./orm.ts";

const stop = new Error("stop");

const OPENERS = {
  atomic: (db: Database, orm: Orm, fn: (inside: Orm) => Promise<void>) => db.atomic(() => fn(orm)),
  drizzle: (_: Database, orm: Orm, fn: (inside: Orm) => Promise<void>) => orm.transaction(fn),
} as const;

const kinds = ["atomic", "drizzle"] as const;

for (const form of FORMS) {
  for (const outer of kinds) {
    for (const inner of kinds) {
      for (const fails of ["none", "inner", "outer"] as const) {
        test(`${form.title}: ${inner} in ${outer}, ${fails} of which fails`, async (t) => {
          const { db, orm, names } = await openOrm(form, t);
          // A behaviour is for the outermost: inside a block Drizzle's own nested form is used.
          const work = OPENERS[outer](db, orm, async (outside) => {
            await db.sql("insert into people (name) values ('outer by db')");
            await outside.add("outer by drizzle");
            const nested =
              outer === "atomic" && inner === "drizzle"
                ? { ...outside, transaction: outside.nested }
                : outside;
            const inside = OPENERS[inner](db, nested, async (within) => {
              assert.ok(db.isTrans);
              await db.sql("insert into people (name) values ('inner by db')");
              await within.add("inner by drizzle");
              await orm.add("inner by the database object");
              assert.equal((await names()).length, 5, "the inner block sees all five");
              if (fails === "inner") throw stop;
            });
            if (fails === "inner") await assert.rejects(inside, stop);
            else await inside;
            if (fails === "outer") throw stop;
          });
          if (fails === "outer") await assert.rejects(work, stop);
          else await work;
          assert.equal((await names()).length, { none: 5, inner: 2, outer: 0 }[fails]);
          assert.equal(db.isTrans, false);
        });
      }
    }
  }

  test(`${form.title}: tx.rollback() undoes the transaction and throws Drizzle's own error`, async (t) => {
    const { orm, names } = await openOrm(form, t);
    const undone = orm.transaction(async (tx) => {
      await tx.add("Ada");
      tx.rollback();
    });
    await assert.rejects(undone, TransactionRollbackError);
    assert.deepEqual(await names(), []);
  });

  test(`${form.title}: a transaction's own object belongs to it from any async context`, async (t) => {
    const { db, orm, names } = await openOrm(form, t);
    const undone = orm.transaction(async (tx) => {
      await db.context(() => tx.add("Ada"));
      throw stop;
    });
    await assert.rejects(undone, stop);
    assert.deepEqual(await names(), []);
  });

  test(`${form.title}: two transactions and a statement side by side in one scope stay apart`, async (t) => {
    const { db, orm, names } = await openOrm(form, t);
    let inside = 0;
    const one = (name: string, fails: boolean) =>
      orm.transaction(async (tx) => {
        assert.equal(++inside, 1, "nobody else is inside");
        await tx.add(name);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        if (fails) throw stop;
      });
    await db.withConnection(async () => {
      const results = await Promise.allSettled([one("Ada", true), one("Grace", false), orm.add("Edsger")]);
      assert.deepEqual(
        results.map((result) => result.status),
        ["rejected", "fulfilled", "fulfilled"],
      );
    });
    assert.deepEqual(await names(), ["Edsger", "Grace"]);
  });
}
