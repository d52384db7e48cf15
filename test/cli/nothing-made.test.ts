import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SQLiteDatabase } from "apocryphan";
import { Rider } from "apocryphan/rider";
import { project } from "../database/rider/project.ts";

const FILES = { "1-a.sql": "create table a (id int);", "2-b.sql": "create table b (id int);" };

const here = project(FILES);
const url = ["--url", "sqlite:typo.db"];

/** What lies in the project's folder beside what was put there. */
function made(): string[] {
  return readdirSync(here.folder).filter((name) => name !== "migrations");
}

const READING: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
  [["check"], 3, /2 migrations are pending: 1-a, 2-b\./],
  [["migrations"], 0, /1 +2-b +pending/],
  [["graph"], 0, /○ 2-b/],
  [["migrate", "--dry-run"], 0, /create table a \(id int\);/],
  [["rollback", "--all", "--dry-run"], 0, /Nothing to roll back/],
  [["run", "-q", "select 1 as one"], 0, /^one$/m],
];

for (const [args, code, said] of READING) {
  test(`rider ${args.join(" ")} on a SQLite file that is not there makes none`, async () => {
    const ran = await here.rider(...args, ...url);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stdout, said);
    assert.deepEqual(made(), []);
  });
}

test("a query for a table that can't be there fails and makes no file", async () => {
  const ran = await here.rider("run", "-q", "select * from contacts", ...url);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /no such table: contacts/);
  assert.deepEqual(made(), []);
});

test("asking a Rider object when something was applied makes no file, whether its name is a path or a URI", async () => {
  for (const database of [join(here.folder, "typo.db"), `file:${join(here.folder, "typo.db")}`]) {
    const rider = new Rider(new SQLiteDatabase({ database }), { source: join(here.folder, "migrations") });
    assert.equal(await rider.applied("1-a"), null);
    assert.deepEqual(made(), []);
  }
});

test("what changes something still makes the file", async () => {
  const other = project(FILES);
  const written = await other.rider("run", "-q", "create table mine (id int)", ...url);
  assert.equal(written.code, 0, written.stderr);
  assert.ok(readdirSync(other.folder).includes("typo.db"));
  const migrated = await other.rider("migrate", ...url);
  assert.equal(migrated.code, 0, migrated.stderr);
  const checked = await other.rider("check", ...url);
  assert.equal(checked.code, 0, checked.stdout);
});
