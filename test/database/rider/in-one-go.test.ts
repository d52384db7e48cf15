import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { test } from "node:test";
import type { MigrateError, RiderEvent } from "../../../src/rider.ts";
import { type FreshDatabase, freshDatabase } from "../../support/database.ts";
import { failure, listening, type Project, project, riderOn, rows } from "./project.ts";

const channel = tracingChannel("apocryphan:statement");

/** Files before the one that counts, so that batches have grown when it comes, and some behind it. */
function among(text: string): Project {
  const tables = Array.from({ length: 40 }, (_, i): [string, string] => [
    `${i}-t.sql`,
    `create table t${i} (id int unique not null);`,
  ]);
  return project({ ...Object.fromEntries(tables), "33-t.sql": text });
}

/** Runs the same where somebody listens to statements, which has them sent one by one. */
async function oneByOne(here: Project): Promise<{ error: MigrateError; texts: string[] }> {
  const texts: string[] = [];
  const hear = (event: unknown): void => {
    texts.push((event as { text: string }).text);
  };
  channel.start.subscribe(hear);
  try {
    const error = await failure<MigrateError>(riderOn(await freshDatabase("sqlite"), here).migrate());
    return { error, texts };
  } finally {
    channel.start.unsubscribe(hear);
  }
}

async function tables(database: FreshDatabase): Promise<string[]> {
  const found = await rows(database, "select name from sqlite_master where name glob 't[0-9]*'");
  return found.map((row) => String((row as { name: unknown }).name));
}

for (const [what, text] of [
  ["a constraint", "insert into t1 values (1);\ninsert into t1\n  values (1);\ninsert into t2 values (1);"],
  ["a word", "create table t33 (id int);\n  crate table x (id int);"],
  ["a table that is not there", "insert into nowhere values (1);"],
  ["what has ended the transaction", "insert into t1 values (1);\ninsert or rollback into t1 values (1);"],
] as const) {
  test(`what fails on SQLite for ${what} says the same as if it had been sent by itself, and nothing is left`, async () => {
    const here = among(text);
    const database = await freshDatabase("sqlite");
    const error = await failure<MigrateError>(riderOn(database, here).migrate());
    const alone = await oneByOne(here);
    const fold = (message: string): string => message.replaceAll(/\/\S+\/migrations/g, "");
    assert.equal(fold(error.message), fold(alone.error.message));
    assert.equal(error.at?.migration, "33-t");
    assert.deepEqual(error.at, alone.error.at);
    assert.deepEqual(error.state, alone.error.state);
    const [cause, other] = [error.cause, alone.error.cause] as { errno?: number }[];
    assert.equal(typeof cause?.errno, "number");
    assert.equal(cause?.errno, other?.errno);
    assert.deepEqual(await tables(database), []);
  });
}

test("nothing is run behind a statement that has ended the transaction", async () => {
  const database = await freshDatabase("sqlite");
  const here = among("insert into t1 values (1);\ninsert or rollback into t1 values (1);");
  await failure(riderOn(database, here).migrate());
  // Run outside of any transaction, the tables behind it would stay.
  assert.deepEqual(await tables(database), []);
  here.write({ "33-t.sql": "create table t33 (id int);" });
  const { applied } = await riderOn(database, here).migrate();
  assert.equal(applied.length, 40);
});

test("statements that are run at once are told of one by one, those before the one that fails too", async () => {
  const database = await freshDatabase("sqlite");
  const heard = listening();
  const here = among("insert into nowhere values (1);");
  await failure(riderOn(database, here).migrate(heard.options));
  const statements = heard.events.filter(
    (event): event is RiderEvent & { type: "statement" } => event.type === "statement",
  );
  assert.deepEqual(
    statements.map(({ id }) => id),
    Array.from({ length: 33 }, (_, i) => `${i}-t`),
  );
});

test("who listens to statements hears of each by itself", async () => {
  const { texts } = await oneByOne(among("insert into nowhere values (1);"));
  const made = texts.filter((text) => /^create table t\d/.test(text));
  assert.equal(made.length, 33);
});

test("a statement that gives rows, and one with a comment at its end, are run like any other", async () => {
  const database = await freshDatabase("sqlite");
  const here = among(
    "insert into t1 values (1);\nselect * from t1;\npragma user_version = 7;\ninsert into t1 values (2) -- two",
  );
  await riderOn(database, here).migrate();
  assert.deepEqual(await rows(database, "select count(*) as n from t1"), [{ n: 2 }]);
  assert.deepEqual(await rows(database, "pragma user_version"), [{ user_version: 7 }]);
});

test("what else the process has to do gets its turn while many statements are run", async () => {
  const database = await freshDatabase("sqlite");
  const stop = new AbortController();
  const slow =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select max(i) from n;";
  const here = project(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}-t.sql`, slow])));
  // As a signal comes: in a turn of the event loop.
  const onEvent = (event: RiderEvent): void => {
    if (event.type === "planned") setImmediate(() => stop.abort("SIGINT"));
  };
  const error = await failure<MigrateError>(
    riderOn(database, here).migrate({ signal: stop.signal, onEvent }),
  );
  assert.match(error.message, /SIGINT/);
});

test("a run that is asked to end stops between two batches, and nothing is left", async () => {
  const database = await freshDatabase("sqlite");
  const stop = new AbortController();
  let seen = 0;
  const onEvent = (event: RiderEvent): void => {
    if (event.type === "statement" && ++seen === 5) stop.abort("SIGINT");
  };
  const rider = riderOn(database, among("create table t33 (id int);"));
  const error = await failure<MigrateError>(rider.migrate({ signal: stop.signal, onEvent }));
  assert.match(error.message, /SIGINT/);
  assert.ok(seen < 40, `${seen} statements were run`);
  assert.deepEqual(await tables(database), []);
});
