import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { WAYS } from "../../support/open.ts";
import { openPooledKysely } from "./kysely.ts";

for (const way of WAYS) {
  test(`${way.title}: two of Kysely's migrators at once apply each migration once`, async (t) => {
    const { kysely } = await openPooledKysely(way, t, { maxConnections: 4 });
    const applied: string[] = [];
    const migration = (name: string, up: (db: Kysely<unknown>) => Promise<void>): Migration => ({
      up: async (db) => {
        applied.push(name);
        await up(db as Kysely<unknown>);
      },
      down: async () => {},
    });
    const migrator = new Migrator({
      db: kysely,
      provider: {
        getMigrations: async () => ({
          "1-notes": migration("notes", (db) =>
            db.schema.createTable("notes").addColumn("id", "integer").execute(),
          ),
          "2-text": migration("text", (db) =>
            db.schema.alterTable("notes").addColumn("words", "text").execute(),
          ),
        }),
      },
    });
    for (const { error } of await Promise.all([migrator.migrateToLatest(), migrator.migrateToLatest()])) {
      assert.equal(error, undefined);
    }
    assert.deepEqual(applied, ["notes", "text"]);
    const tables = await kysely.introspection.getTables();
    const notes = tables.find((table) => table.name === "notes");
    assert.deepEqual(
      notes?.columns.map((column) => column.name),
      ["id", "words"],
    );
  });
}
