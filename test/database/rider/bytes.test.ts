import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { project, riderOn, rows } from "./project.ts";

const TEXT =
  "50% of %s, $1, ?, :name, @x, {braces}, -- no comment, /* nor this */, semi;colon, tab\t, ünïcödé, 🐘";

for (const kind of KINDS) {
  test(`SQL reaches the database byte for byte (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-sql.sql": `create table texts (id int, t varchar(200) default '${TEXT}');\ninsert into texts (id) values (1);\ninsert into texts values (2, '${TEXT}');`,
      "2-module.ts": `import { step } from "apocryphan/rider";
export const steps = [step(${JSON.stringify(`insert into texts values (3, '${TEXT}')`)})];
`,
      "3 with spaces.sql": "not a migration",
      "4-name with spaces.sql": `update texts set t = '${TEXT}' where t like '50\\%%' or t like '50%';`,
      "5-empty.sql": "",
    });
    const rider = riderOn(database, here);
    assert.deepEqual((await rider.migrate()).applied, ["1-sql", "2-module", "4-name with spaces", "5-empty"]);
    assert.deepEqual(
      await rows(database, "select id, t from texts order by id"),
      [1, 2, 3].map((id) => ({ id, t: TEXT })),
    );
  });
}

test("a default that holds a strftime format is stored as it was written", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-a.sql": "create table a (id int, at text default (strftime('%s','now')));" });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select sql from sqlite_schema where name = 'a'"), [
    { sql: "CREATE TABLE a (id int, at text default (strftime('%s','now')))" },
  ]);
});
