import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { applied, project, riderOn, rows } from "./project.ts";

// What the Python Rider makes, word for word.
const TABLES = [
  `create table _rider_logs (id varchar(256) primary key not null, migration varchar(256) not null,
    operation varchar(56) not null, username varchar(128), hostname varchar(128), time timestamp)`,
  "create table _rider_migrations (migration varchar(256) primary key not null, applied_at timestamp)",
];

for (const kind of KINDS) {
  test(`a database that the Python Rider has moved is carried on without a hand (${kind})`, async () => {
    const database = await freshDatabase(kind);
    for (const table of TABLES) await database.exec(table);
    await database.exec("create table contacts (id int not null)");
    await database.exec(
      "insert into _rider_migrations values ('1602721237-contacts', '2020-10-15 00:20:37')",
    );
    await database.exec(
      "insert into _rider_logs values ('8a6e', '1602721237-contacts', 'apply', 'ada', 'vm', '2020-10-15 00:20:37')",
    );
    const here = project({
      "1602721237-contacts.sql": "create table contacts (id int not null);",
      "1602721237-contacts.rollback.sql": "drop table contacts;",
      "1602721300-name.ts": `import { step } from "apocryphan/rider";
export const depends = ["1602721237-contacts"];
export const steps = [step("alter table contacts add column name varchar(256) not null default ''", "alter table contacts drop column name")];
`,
    });
    const rider = riderOn(database, here);
    const before = await rider.migrations();
    assert.deepEqual(
      before.map(({ id, state }) => `${id} ${state}`),
      ["1602721237-contacts applied", "1602721300-name pending"],
    );
    assert.deepEqual(await rider.applied("1602721237-contacts"), new Date("2020-10-15T00:20:37Z"));
    assert.equal(await rider.applied("1602721300-name"), null);

    assert.deepEqual((await rider.migrate()).applied, ["1602721300-name"]);
    assert.deepEqual(await applied(database), ["1602721237-contacts", "1602721300-name"]);
    assert.deepEqual(
      await rider.applied("1602721237-contacts"),
      new Date("2020-10-15T00:20:37Z"),
      "its time stays",
    );
    assert.deepEqual((await rider.rollback({ all: true })).rolledBack, [
      "1602721300-name",
      "1602721237-contacts",
    ]);
    assert.deepEqual(await rows(database, "select count(*) as n from _rider_logs"), [{ n: 4 }]);
  });
}
