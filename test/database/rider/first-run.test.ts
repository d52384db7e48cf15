import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { applied, log, project, rows } from "./project.ts";

const FILES = {
  "package.json": '{ "type": "commonjs" }',
  "1-contacts.sql":
    "-- keep people\ncreate table contacts (id int not null, name varchar(20));\ninsert into contacts values (1, 'Ada');\n",
  "1-contacts.rollback.sql": "drop table contacts;",
  "2-emails.ts": `/** give them addresses */
import { step } from "apocryphan/rider";
export const depends: string[] = ["1-contacts"];
export const steps = [
  step("alter table contacts add column email varchar(100)", "alter table contacts drop column email"),
  step(async (db) => { await db.sql("update contacts set email = 'ada@example.org'"); }),
];
`,
};

for (const kind of KINDS) {
  test(`the five commands go from nothing to a schema and back (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      ...FILES,
      "src/base.ts": `import { PostgreSQLDatabase, MySQLDatabase, SQLiteDatabase } from "apocryphan";
const classes = { postgresql: PostgreSQLDatabase, mysql: MySQLDatabase, sqlite: SQLiteDatabase };
export const db = new classes.${database.dialect}({ url: ${JSON.stringify(database.url)} });
`,
    });
    here.write({
      "./rider.ts": `import { db } from "./src/base.ts";
import { defineConfig } from "apocryphan/rider";
export { db };
export const config = defineConfig({ source: "./migrations" });
`,
    });

    const before = await here.rider("migrations");
    assert.equal(before.stderr, "");
    assert.match(
      before.stdout,
      /0 +1-contacts +keep people +pending\n1 +2-emails +give them addresses +pending\n/,
    );

    const migrated = await here.rider("migrate");
    assert.equal(migrated.stderr, "");
    assert.equal(migrated.code, 0);
    assert.match(
      migrated.stdout,
      /Applied 1-contacts \(.*\)\nApplied 2-emails \(.*\)\nApplied 2 migrations in /,
    );
    assert.deepEqual(await rows(database, "select id, name, email from contacts"), [
      { id: 1, name: "Ada", email: "ada@example.org" },
    ]);
    assert.deepEqual(await applied(database), ["1-contacts", "2-emails"]);
    assert.deepEqual(await log(database), ["apply 1-contacts", "apply 2-emails"]);

    const again = await here.rider("migrate");
    assert.deepEqual(again, { code: 0, signal: null, stdout: "Nothing to apply.\n", stderr: "" });

    const printed = await here.rider("run", "-q", "select name, email from contacts", "--json");
    assert.deepEqual(JSON.parse(printed.stdout), {
      rows: [{ name: "Ada", email: "ada@example.org" }],
      rowCount: 1,
    });

    const back = await here.rider("rollback", "-i", "1");
    assert.equal(back.code, 0);
    assert.deepEqual(await applied(database), ["1-contacts"]);
    assert.deepEqual(await rows(database, "select * from contacts"), [{ id: 1, name: "Ada" }]);

    const created = await here.rider("create", "-m", "Phone numbers!");
    assert.equal(created.code, 0);
    assert.match(created.stdout, /^Created migrations\/\d{10}-phone-numbers\.ts\n$/);
    assert.match((await here.rider("migrate")).stdout, /Applied 2 migrations/);
  });

  test(`the two tables are those of the original, and more columns follow (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project(FILES);
    assert.equal((await here.rider("migrate", "--url", database.url)).code, 0);
    const [row] = await database.exec<Record<string, unknown>>(
      "select * from _rider_migrations where migration = '1-contacts'",
    );
    assert.deepEqual(Object.keys(row ?? {}).slice(0, 2), ["migration", "applied_at"]);
    const [entry] = await database.exec<Record<string, unknown>>(
      "select * from _rider_logs where migration = '1-contacts'",
    );
    assert.deepEqual(Object.keys(entry ?? {}).slice(0, 6), [
      "id",
      "migration",
      "operation",
      "username",
      "hostname",
      "time",
    ]);
    const now =
      database.dialect === "sqlite"
        ? "datetime('now')"
        : database.dialect === "mysql"
          ? "now()"
          : "(now() at time zone 'utc')";
    const [recent] = await database.exec<{ n: unknown }>(
      database.dialect === "sqlite"
        ? `select count(*) as n from _rider_logs where time > datetime('now', '-1 minute') and time <= datetime('now', '+2 seconds')`
        : database.dialect === "mysql"
          ? `select count(*) as n from _rider_logs where time between date_sub(${now}, interval 1 minute) and date_add(${now}, interval 2 second)`
          : `select count(*) as n from _rider_logs where time between ${now} - interval '1 minute' and ${now} + interval '2 seconds'`,
    );
    assert.equal(Number(recent?.n), 2, "times are UTC, and now");
  });
}
