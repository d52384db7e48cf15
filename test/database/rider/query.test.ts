import assert from "node:assert/strict";
import { test } from "node:test";
import { RiderError } from "../../../src/rider.ts";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { failure, project, riderOn, rows } from "./project.ts";

const OPEN =
  "The query began a transaction and did not end it, so what was changed in it was undone when the connection was closed. End the query with `commit`, or leave out what begins the transaction: without one, each statement is kept by itself. (RIDER)";

for (const kind of ["postgresql", "mysql", "sqlite"] as const satisfies Kind[]) {
  test(`a query that leaves a transaction open fails, since nothing of it is kept (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const rider = riderOn(database, project());
    await rider.run({ query: "create table a (id int)" });
    const kept = (): Promise<unknown> => rows(database, "select id from a order by id");

    const error = await failure(rider.run({ query: "begin; insert into a values (1)" }));
    assert.ok(error instanceof RiderError);
    assert.equal(error.message, OPEN);
    assert.deepEqual(await kept(), []);

    // What ends its transaction itself is done, and so is one in which nothing can have changed.
    assert.equal((await rider.run({ query: "begin; insert into a values (2); commit" })).rowCount, 0);
    assert.equal((await rider.run({ query: "begin; insert into a values (3); rollback" })).rowCount, 0);
    assert.deepEqual((await rider.run({ query: "begin; select 1 as n" })).rows, [{ n: 1 }]);
    assert.deepEqual(await kept(), [{ id: 2 }]);
  });

  test(`a query that fails in the middle says what stays of it (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const rider = riderOn(database, project());
    await rider.run({ query: "create table a (id int)" });
    const words = async (query: string): Promise<string> => (await failure(rider.run({ query }))).message;

    const stays = await words(
      "insert into a values (1); insert into nowhere values (2); insert into a values (3)",
    );
    assert.match(
      stays,
      /^Statement 2 of 3 of the query failed \(`insert into nowhere values \(2\)`\)\. \w+ refused a statement: .*\. What those before it changed stays; those after it were not run\. \(RIDER\)$/,
    );
    const undone = await words("begin; insert into a values (4); insert into nowhere values (5)");
    assert.match(
      undone,
      /^Statement 3 of 3 of the query failed .* What was changed in the transaction that was open is undone; what was changed before it began stays\. \(RIDER\)$/,
    );
    assert.match(await words("select 1; selec 2"), /\(DATABASE_ERROR\)$/);
    assert.deepEqual(await rows(database, "select id from a"), [{ id: 1 }]);
  });
}

test("a transaction that autocommit has left open on MySQL is one, too", async () => {
  const database = await freshDatabase("mysql");
  const rider = riderOn(database, project());
  await rider.run({ query: "create table a (id int)" });
  const query = "set autocommit = 0; insert into a values (1)";
  assert.equal((await failure(rider.run({ query }))).message, OPEN);
  assert.deepEqual(await rows(database, "select id from a"), []);
});

test("a database in memory has the transaction undone as well, and can be used on", async (t) => {
  const { SQLiteDatabase } = await import("../../../src/index.ts");
  const { Rider } = await import("../../../src/rider.ts");
  const db = new SQLiteDatabase({ database: ":memory:" });
  t.after(() => db.close());
  const rider = new Rider(db);
  await rider.run({ query: "create table a (id int)" });
  assert.equal((await failure(rider.run({ query: "begin; insert into a values (1)" }))).message, OPEN);
  assert.deepEqual((await rider.run({ query: "select id from a" })).rows, []);
});
