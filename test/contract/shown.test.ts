import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { FORMS, openForm } from "../support/open.ts";

const VALUE = "Pl4nted";

for (const form of FORMS) {
  describe(`what is shown of ${form.title}`, () => {
    test("a database object, a handle and a key show no password and no value, however deep one looks", async (t) => {
      const db = await openForm(form, t);
      await db.withConnection(async (conn) => {
        await conn.select`select length(${VALUE}) as n`;
        const key = "connKey" in db ? db.connKey : undefined;
        for (const it of [db, conn, db.conn, key]) {
          const seen =
            inspect(it, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(it);
          assert.doesNotMatch(seen, /Tr0mbone|Pl4nted|password/i);
        }
        assert.match(inspect(db), new RegExp(`^${db.constructor.name} \\{[^]*dialect: '${db.dialect}'`));
        assert.equal(JSON.parse(JSON.stringify(conn)).dialect, db.dialect);
        assert.match(inspect({ a: { b: { c: { db } } } }), /Object/);
      });
    });
  });
}
