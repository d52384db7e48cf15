import assert from "node:assert/strict";
import { test } from "node:test";
import type { RollbackError } from "../../../src/rider.ts";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { applied, failure, log, project, riderOn } from "./project.ts";

// 10-child is first in the folder's order of letters and depends on what comes after it there.
const FILES = {
  "2-parent.sql": "create table parent (id int primary key);",
  "2-parent.rollback.sql": "drop table parent;",
  "10-child.sql": "-- depends: 2-parent\ncreate table child (id int, parent int references parent (id));",
  "10-child.rollback.sql": "drop table child;",
  "3-late.sql": "-- depends: 10-child\nalter table child add column late int;",
  "3-late.rollback.sql": "alter table child drop column late;",
  "4-other.sql": "create table other (id int);",
  "4-other.rollback.sql": "drop table other;",
};

for (const kind of KINDS) {
  test(`rollback undoes dependents before what they depend on, whatever their index (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const rider = riderOn(database, project(FILES));
    const order = ["2-parent", "4-other", "10-child", "3-late"];
    assert.deepEqual((await rider.migrate()).applied, order);
    assert.deepEqual((await rider.rollback({ last: 2 })).rolledBack, ["3-late", "10-child"]);
    assert.deepEqual((await rider.migrate()).applied, ["10-child", "3-late"]);
    assert.deepEqual((await rider.rollback({ to: "4-other" })).rolledBack, ["3-late", "10-child"]);
    await rider.migrate();
    assert.deepEqual((await rider.rollback({ index: 0 })).rolledBack, [...order].reverse());
    assert.deepEqual(await applied(database), []);
    assert.equal((await log(database)).filter((entry) => entry.startsWith("rollback")).length, 8);
  });
}

for (const kind of KINDS) {
  test(`the last one is that of the later run, also where two runs share a second (${kind})`, async ({
    mock,
  }) => {
    const here = project({
      "1-a.sql": "create table a (id int);",
      "1-a.rollback.sql": "drop table a;",
      "5-e.sql": "create table e (id int);",
      "5-e.rollback.sql": "drop table e;",
    });
    const rider = riderOn(await freshDatabase(kind), here);
    mock.timers.enable({ apis: ["Date"], now: 1_790_000_000_100 });
    await rider.migrate();
    here.write({ "3-late.sql": "create table late (id int);", "3-late.rollback.sql": "drop table late;" });
    mock.timers.setTime(1_790_000_000_350);
    await rider.migrate();
    assert.equal((await rider.applied("3-late"))?.getTime(), 1_790_000_000_350);
    assert.deepEqual((await rider.rollback({ last: 1 })).rolledBack, ["3-late"]);
  });
}

test("redo rolls the last one back and applies it again", async () => {
  const database = await freshDatabase("postgresql");
  const rider = riderOn(database, project(FILES));
  await rider.migrate();
  const { rolledBack, applied: again } = await rider.redo();
  assert.deepEqual([rolledBack, again], [["3-late"], ["3-late"]]);
});

test("one without a way back can't be rolled back, unless only its record is meant", async () => {
  const database = await freshDatabase("postgresql");
  const rider = riderOn(database, project({ "1-a.sql": "create table a (id int)", "2-b.sql": "" }));
  await rider.migrate();
  const error = await failure<RollbackError>(rider.rollback({ all: true }));
  assert.equal(error.name, "RollbackError");
  assert.match(
    error.message,
    /^The migration 1-a can't be rolled back: none of its steps in .*1-a\.sql has a rollback\./,
  );
  assert.deepEqual(await applied(database), ["1-a", "2-b"], "nothing was run");
  assert.deepEqual((await rider.rollback({ all: true, force: true })).rolledBack, ["2-b", "1-a"]);
  assert.deepEqual(await applied(database), []);
  const [row] = await database.exec<{ n: unknown }>("select count(*) as n from a");
  assert.equal(Number(row?.n), 0, "the table stays");
});
