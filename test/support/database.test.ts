import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "./database.ts";

for (const kind of KINDS) {
  test(`a fresh database of ${kind} is empty, its test's own, and gone afterwards`, async (t) => {
    const [one, other] = await Promise.all([freshDatabase(kind, t), freshDatabase(kind, t)]);
    await one.exec("create table things (id int)");
    await other.exec("create table things (id int)");
    await one.exec("insert into things values (1)");
    assert.deepEqual(
      { ...(await one.exec("select count(*) as n from things"))[0] },
      { n: kind.startsWith("postgresql") ? "1" : 1 },
    );
    assert.deepEqual(
      { ...(await other.exec("select count(*) as n from things"))[0] },
      { n: kind.startsWith("postgresql") ? "0" : 0 },
    );
    await one.drop();
    if (kind !== "sqlite") await assert.rejects(one.exec("select 1"), /does not exist|Unknown database/);
  });
}
