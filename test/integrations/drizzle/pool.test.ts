import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError } from "apocryphan";
import { WAYS } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { openPooledOrm } from "./orm.ts";

const stop = new Error("stop");

for (const way of WAYS) {
  test(`${way.title}: outside a scope a statement takes a connection and gives it back`, async (t) => {
    const { db, orm, names } = await openPooledOrm(way, t, { maxConnections: 1 });
    await orm.add("Ada");
    await orm.transaction((tx) => tx.add("Grace").then(() => {}));
    assert.equal(db.stats().inUse, 0);
    assert.deepEqual(await names(), ["Ada", "Grace"]);
  });

  test(`${way.title}: the database's refusal is the cause of Drizzle's error`, async (t) => {
    const { orm } = await openPooledOrm(way, t);
    await orm.add("Ada");
    await assert.rejects(orm.add("Ada"), (error: Error) => {
      assert.match(error.message, /Failed query: insert into/);
      assert.ok(error.cause instanceof DatabaseError);
      assert.equal(error.cause.kind, "unique");
      return true;
    });
  });

  test(`${way.title}: 200 contexts with transactions of either kind leave nothing behind`, async (t) => {
    const { db, orm, names } = await openPooledOrm(way, t, { maxConnections: 4, timeout: "60s" });
    const expected: string[] = [];
    const one = async (i: number): Promise<void> => {
      const name = `person ${String(i).padStart(3, "0")}`;
      const fails = i % 4 === 3;
      if (!fails) expected.push(name);
      const write = async (): Promise<void> => {
        await orm.add(name);
        if (fails) throw stop;
      };
      const block = db.context(() =>
        i % 2 === 0 ? orm.transaction(write) : db.withConnection(() => db.atomic(write)),
      );
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
