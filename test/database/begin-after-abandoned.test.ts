import assert from "node:assert/strict";
import { test } from "node:test";
import { contactsTable, openPooled, WAYS } from "../support/open.ts";

for (const way of WAYS) {
  test(`${way.title}: a block that begins while the last holder's transaction is being rolled back is a transaction of its own`, async (t) => {
    const db = await openPooled(way, t, { maxConnections: 1, timeout: "20s" });
    await db.fresh.exec(contactsTable(db.dialect));
    for (const name of ["Ada", "Bob", "Cy"]) {
      await db.withConnection(async () => {
        await db.sql("begin");
        await db.sql("insert into contacts (name) values ('left open')");
      });
      // The connection is lent at once, before the server has answered the rollback.
      await db.withConnection(() => db.atomic(() => db.sql`insert into contacts (name) values (${name})`));
    }
    const rows = await db.fresh.exec<{ name: string }>("select name from contacts order by name");
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["Ada", "Bob", "Cy"],
    );
  });
}
