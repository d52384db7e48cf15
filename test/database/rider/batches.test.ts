import assert from "node:assert/strict";
import { test } from "node:test";
import type { MigrateError } from "../../../src/rider.ts";
import { freshDatabase } from "../../support/database.ts";
import { failure, listening, project, riderOn, rows } from "./project.ts";

const many = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${i}-t.sql`,
      `create table t${i} (id int); -- a table\ninsert into t${i} values (${i}) -- the end`,
    ]),
  );

test("statements that are sent together do what they do one by one, and are told of one by one", async () => {
  const database = await freshDatabase("postgresql");
  const heard = listening();
  const rider = riderOn(database, project(many(100)));
  const { applied } = await rider.migrate(heard.options);
  assert.equal(applied.length, 100);
  const statements = heard.events.flatMap((event) =>
    event.type === "statement" ? [`${event.id} ${event.statement}`] : [],
  );
  assert.deepEqual(
    statements,
    applied.flatMap((id) => [`${id} 0`, `${id} 1`]),
  );
  assert.deepEqual(await rows(database, "select id from t99"), [{ id: 99 }]);
});

test("one that fails among many is named, with its file and line, and nothing is left", async () => {
  const database = await freshDatabase("postgresql");
  const here = project(many(100));
  here.write({ "77-t.sql": "create table t77 (id int);\n\ninsert into nowhere\n  values (1);" });
  const error = await failure<MigrateError>(riderOn(database, here).migrate());
  assert.equal(error.at?.migration, "77-t");
  assert.deepEqual(
    [error.at?.statement, error.at?.place?.line, error.at?.sql],
    [1, 3, "insert into nowhere\n  values (1)"],
  );
  assert.deepEqual(error.state, { kind: "unchanged" });
  assert.deepEqual(await rows(database, "select to_regclass('t1') is null as gone"), [{ gone: true }]);
});

test("a sequence of statements keeps its settings from one to the next", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-a.sql":
      "create schema other;\nset local search_path to other, public;\ncreate table a (id int);\ninsert into a values (1);\nupdate a set id = id + 1;\nset local search_path to public;",
    "2-b.sql": "create table b as select * from other.a;",
  });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select id from b"), [{ id: 2 }]);
});
