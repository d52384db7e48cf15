import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { applied, failure, project, riderOn, rows } from "./project.ts";

const step = (body: string): string =>
  `import { step } from "apocryphan/rider";\nexport const steps = [step("create table a (id int primary key)"), step(async (db) => {\n${body}\n})];\n`;

for (const kind of KINDS) {
  test(`atomic inside a function step is a savepoint (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.ts": step(`
  await db.sql("insert into a values (1)");
  await db.atomic(async (inner) => { await inner.sql("insert into a values (2)"); throw new Error("back"); }).catch(() => {});
  await db.atomic(async () => { await db.sql("insert into a values (3)"); });
  await (await db.connect()).sql("insert into a values (4)");
  await db.withConnection((conn) => conn.sql("insert into a values (5)"));
  await db.close();
  await db.conn.sql\`insert into a values (\${6})\`;`),
    });
    await riderOn(database, here).migrate();
    assert.deepEqual(
      (await rows(database, "select id from a order by id")).map(({ id }) => id),
      [1, 3, 4, 5, 6],
    );
  });

  test(`a step that would commit by itself is refused, in a file before anything runs (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-a.ts": step('await db.sql("commit");') });
    const rider = riderOn(database, here);
    assert.match(
      (await failure(rider.migrate())).message,
      /A function step tried to begin or end a transaction by itself/,
    );
    assert.deepEqual(await applied(database), []);
    here.write({ "1-a.ts": step('await db.sql("insert into a values (1); /* ; */ Commit; select 1");') });
    assert.match(
      (await failure(rider.migrate())).message,
      /A function step tried to begin or end a transaction by itself, and nothing was sent/,
    );
    assert.deepEqual(await applied(database), []);
    here.remove("1-a.ts");
    here.write({ "2-b.sql": "create table b (id int);\ncommit;" });
    assert.match(
      (await failure(rider.migrate())).message,
      /2-b\.sql \(line 2, column 1\) can't be run: `commit`\. It begins or ends a transaction\./,
    );
  });

  test(`a statement that nobody awaits is part of its step, and so is its failure (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.ts": step('db.sql("insert into a values (1)"); db.sql("insert into nowhere values (1)");'),
    });
    assert.match((await failure(riderOn(database, here).migrate())).message, /nowhere/);
    assert.deepEqual(await applied(database), []);
  });
}

test("a database in memory is migrated on its one connection", async () => {
  const { SQLiteDatabase } = await import("../../../src/database/sqlite.ts");
  const { Rider } = await import("../../../src/rider.ts");
  const here = project({ "1-a.sql": "create table a (id int)", "1-a.rollback.sql": "drop table a" });
  const db = new SQLiteDatabase({ database: ":memory:" });
  const rider = new Rider(db, { source: `${here.folder}/migrations` });
  assert.deepEqual((await rider.migrate()).applied, ["1-a"]);
  assert.deepEqual(await db.select("select * from a"), []);
  assert.deepEqual((await rider.rollback({ all: true })).rolledBack, ["1-a"]);
  await db[Symbol.asyncDispose]();
});
