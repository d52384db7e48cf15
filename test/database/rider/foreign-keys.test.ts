import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase } from "../../support/database.ts";
import { failure, project, riderOn, rows } from "./project.ts";

const TABLES = `create table parent (id integer primary key, n int);
create table child (id integer primary key, parent int references parent (id) on delete cascade);
insert into parent values (1, 1), (2, 2);
insert into child values (1, 1), (2, 1), (3, 2);`;

const REBUILD = `create table parent_new (id integer primary key, n int not null);
insert into parent_new select * from parent;
drop table parent;
alter table parent_new rename to parent;`;

test("a table that others refer to can be rebuilt without losing their rows", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-tables.sql": TABLES, "2-rebuild.sql": REBUILD });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select count(*) as n from child"), [{ n: 3 }]);
});

test("a function step that rebuilds a table loses none either", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({
    "1-tables.sql": TABLES,
    "2-rebuild.ts": `import { step } from "apocryphan/rider";
export const steps = [step(async (db) => {
${REBUILD.split("\n")
  .map((sql) => `  await db.sql(${JSON.stringify(sql)});`)
  .join("\n")}
})];
`,
  });
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select count(*) as n from child"), [{ n: 3 }]);
});

test("a rebuild that leaves rows without their parent is taken back, and says which", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-tables.sql": TABLES });
  const rider = riderOn(database, here);
  await rider.migrate();
  here.write({
    "2-rebuild.sql": REBUILD.replace("select * from parent", "select * from parent where id = 1"),
  });
  const error = await failure(rider.migrate());
  assert.match(
    error.message,
    /The foreign keys do not hold at the end of the transaction: 1 rows? of "child" refer/,
  );
  assert.deepEqual(await rows(database, "select count(*) as n from parent"), [{ n: 2 }]);
});

test("breaches from before are not held against a rebuild", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-tables.sql": TABLES });
  const rider = riderOn(database, here);
  await rider.migrate();
  await database.exec("pragma foreign_keys = off; insert into child values (9, 77)");
  here.write({ "2-rebuild.sql": REBUILD });
  assert.deepEqual((await rider.migrate()).applied, ["2-rebuild"]);
});

test("where nothing is rebuilt, on delete actions work as in the application", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-tables.sql": TABLES, "2-delete.sql": "delete from parent where id = 1;" });
  const rider = riderOn(database, here);
  assert.deepEqual((await rider.migrate({ to: "1-tables" })).applied, ["1-tables"]);
  await rider.migrate();
  assert.deepEqual(await rows(database, "select count(*) as n from child"), [{ n: 1 }]);
});
