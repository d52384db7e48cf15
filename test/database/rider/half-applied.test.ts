import assert from "node:assert/strict";
import { test } from "node:test";
import type { DriftError, MigrateError } from "../../../src/rider.ts";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { applied, failure, listening, log, project, riderOn, rows } from "./project.ts";

const HEAD: Readonly<Record<string, string>> = { mysql: "", postgresql: "-- transactional: false\n" };

for (const kind of ["mysql", "postgresql"] as const satisfies Kind[]) {
  const first = `${HEAD[kind]}create table a (id int primary key, n int);
insert into a values (1, 0);
update a set n = n + 10;
insert into nowhere values (1);
update a set n = n + 100;`;

  test(`a run that stopped in the middle says what is done, and the next goes on from there (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-a.sql": first, "2-b.sql": "create table b (id int)" });
    const rider = riderOn(database, here);
    const error = await failure<MigrateError>(rider.migrate());
    assert.equal(error.code, "MIGRATE_FAILED");
    assert.deepEqual(error.state, { kind: "half", done: 3, of: 5, finished: [] });
    assert.equal(error.at?.statement, 3);
    assert.deepEqual(await rows(database, "select n from a"), [{ n: 10 }]);
    assert.deepEqual(await applied(database), []);

    const [row] = await rider.migrations();
    assert.equal(row?.state, "half-applied");
    assert.deepEqual((await rider.check()).half, ["1-a"]);

    here.write({
      "1-a.sql": first.replace("insert into nowhere values (1);", "insert into a values (2, 0);"),
    });
    const heard = listening();
    await rider.migrate(heard.options);
    assert.deepEqual(
      heard.events.flatMap((event) => (event.type === "begin" && event.id === "1-a" ? [event.resumed] : [])),
      [{ done: 3, of: 5 }],
    );
    assert.deepEqual(await rows(database, "select id, n from a order by id"), [
      { id: 1, n: 110 },
      { id: 2, n: 100 },
    ]);
    assert.deepEqual(await applied(database), ["1-a", "2-b"]);
    assert.deepEqual(await log(database), ["apply 1-a", "failure 1-a", "apply 2-b"]);
  });

  test(`a finished statement that was changed stops the next run before it does anything (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-a.sql": first });
    const rider = riderOn(database, here);
    await failure(rider.migrate());
    here.write({ "1-a.sql": first.replace("n + 10;", "n + 11;") });
    const error = await failure<DriftError>(rider.migrate());
    assert.equal(error.name, "DriftError");
    assert.match(
      error.message,
      /^The migration 1-a is half-applied, and a statement of it that is done was changed: statement 3 of step 1 in .*1-a\.sql \(line \d, column 1\) was finished in an earlier run, and in its place stands `update a set n = n \+ 11` now\./,
    );
    assert.deepEqual(await rows(database, "select n from a"), [{ n: 10 }]);
  });

  test(`a half-applied migration that was put right by hand can be marked, or forgotten (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-a.sql": first });
    const rider = riderOn(database, here);
    await failure(rider.migrate());
    assert.deepEqual(await rider.mark("1-a"), ["1-a"]);
    assert.deepEqual((await rider.migrate()).applied, []);
    assert.equal((await rider.check()).ok, true);
    assert.equal(await rider.unmark("1-a"), "1-a");
    assert.deepEqual((await rider.check()).pending, ["1-a"]);
  });
}

test("a rollback outside a transaction goes on where it stopped, too", async () => {
  const database = await freshDatabase("mysql");
  const here = project({
    "1-a.sql": "create table a (id int);\ncreate table b (id int);",
    "1-a.rollback.sql": "drop table b;\ndrop table nowhere;\ndrop table a;",
  });
  const rider = riderOn(database, here);
  await rider.migrate();
  const error = await failure<MigrateError>(rider.rollback({ last: 1 }));
  assert.equal(error.code, "ROLLBACK_FAILED");
  assert.deepEqual(error.state, { kind: "half", done: 1, of: 3, finished: [] });
  here.write({ "1-a.rollback.sql": "drop table b;\ndrop table a;" });
  assert.deepEqual((await rider.rollback({ last: 1 })).rolledBack, ["1-a"]);
  assert.deepEqual(await rows(database, "show tables like 'a'"), []);
  assert.deepEqual((await rider.check()).pending, ["1-a"]);
});

test("what a function step outside a transaction has done is not done twice", async () => {
  const database = await freshDatabase("mysql");
  const here = project({
    "1-a.ts": `import { step } from "apocryphan/rider";
export const steps = [step(async (db) => {
  await db.sql("create table a (id int, n int)");
  const id = await db.insert("insert into a values (1, 10)");
  await db.sql("alter table a add column m int");
  const rows = await db.select("select n from a");
  if (!globalThis.mended) throw new Error("not yet");
  await db.sql("update a set m = ?", [rows.length]);
})];
`,
  });
  const rider = riderOn(database, here);
  const error = await failure<MigrateError>(rider.migrate());
  assert.match(error.message, /not yet/);
  Object.assign(globalThis, { mended: true });
  await rider.migrate();
  assert.deepEqual(await rows(database, "select * from a"), [{ id: 1, n: 10, m: 1 }]);
});
