import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ended, project } from "../database/rider/project.ts";

const STEP = 'import { step } from "apocryphan/rider";\nexport const steps = ';

const FORMS: readonly (readonly [what: string, migration: string, says: RegExp])[] = [
  [
    "a step that never settles",
    `${STEP}[step("create table b (id int)"), step(() => new Promise(() => {}))];`,
    /^error: The command can't come to its end: a promise in rider\.ts, .* never settles, .* It was at the migration 2-b\. What stood in a transaction is rolled back .*\(RIDER\)\n$/,
  ],
  [
    "a file that never settles",
    "await new Promise(() => {});",
    /^error: The command can't come to its end: /,
  ],
  [
    "a step that ends the process",
    `${STEP}[step("create table b (id int)"), step(() => process.exit(0))];`,
    /^error: The process was ended by process\.exit\(\) .* It was at the migration 2-b\. /,
  ],
  ["a file that ends the process", "process.exit(3);", /^error: The process was ended by process\.exit\(\) /],
];

for (const [what, migration, says] of FORMS) {
  test(`${what} is a failure that says so, and leaves nothing behind`, async () => {
    const here = project({ "1-a.sql": "create table a (id int);", "2-b.ts": migration });
    const ended = await here.rider("migrate", "--url", "sqlite:app.db");
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, says);
    const asked: Ended = await here.rider("migrate", "--url", "sqlite:app.db", "--json");
    assert.equal(asked.code, 1);
    assert.equal((JSON.parse(asked.stdout) as { error: { code: string } }).error.code, "RIDER");
    here.write({ "2-b.ts": `${STEP}[step("create table b (id int)")];` });
    const mended = await here.rider("migrate", "--url", "sqlite:app.db");
    assert.equal(mended.code, 0, mended.stderr);
    assert.match(mended.stdout, /Applied 2 migrations/);
  });
}
