import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type FreshDatabase, freshDatabase, KINDS } from "../../support/database.ts";
import { startPgBouncer } from "../../support/servers/pgbouncer.ts";
import { applied, log, type Project, project, rows } from "./project.ts";

const FILES = {
  "1-account.sql":
    "create table account (id int primary key, balance int not null);\ninsert into account values (1, 0);",
  "2-bonus.sql": "update account set balance = balance + 10;",
  "3-later.ts": `import { step } from "apocryphan/rider";
export const depends = ["2-bonus"];
export const steps = [step(async (db) => { await db.sql("update account set balance = balance + 10"); })];
`,
};

/** How many runners start together. */
const RUNNERS = 4;

async function startTogether(here: Project, url: string): Promise<void> {
  const ended = await Promise.all(Array.from({ length: RUNNERS }, () => here.rider("migrate", "--url", url)));
  for (const { code, stderr } of ended) {
    assert.equal(code, 0, stderr);
  }
  const applying = ended.filter(({ stdout }) => stdout.includes("Applied 3 migrations"));
  assert.equal(applying.length, 1, "one of them does the work");
  assert.equal(ended.filter(({ stdout }) => stdout === "Nothing to apply.\n").length, RUNNERS - 1);
}

async function onceOnly(database: FreshDatabase): Promise<void> {
  assert.deepEqual(await rows(database, "select balance from account"), [{ balance: 20 }]);
  assert.deepEqual(await applied(database), ["1-account", "2-bonus", "3-later"]);
  assert.deepEqual(await log(database), ["apply 1-account", "apply 2-bonus", "apply 3-later"]);
}

for (const kind of KINDS) {
  test(`of runners that start together on an empty database one works, the others find nothing to do (${kind})`, async () => {
    const database = await freshDatabase(kind);
    await startTogether(project(FILES), database.url);
    await onceOnly(database);
  });
}

test("the same behind a PgBouncer in transaction mode with few servers", async () => {
  const database = await freshDatabase("postgresql");
  const bouncer = await startPgBouncer(database.url, { poolMode: "transaction", poolSize: 3 });
  after(() => bouncer[Symbol.asyncDispose]());
  await startTogether(project(FILES), bouncer.url);
  await onceOnly(database);
});
