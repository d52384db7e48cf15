import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../database/rider/project.ts";
import { type OnTerminal, onTerminal } from "../support/terminal.ts";

const BIN = join(import.meta.dirname, "../../src/cli/bin.ts");
const ESCAPE = "\u001B";

const FILES = {
  "1-a.sql": "create table a (id int);",
  "1-a.rollback.sql": "drop table a;",
  "2-b.sql": "create table b (id int);",
  "2-b.rollback.sql": "drop table b;",
};

type Project = ReturnType<typeof project>;

/** `rider …` in a terminal, on the project's own database. */
function rider(here: Project, args: string, env: NodeJS.ProcessEnv = {}): OnTerminal {
  const program = `'${process.execPath}' --conditions=apocryphan-source '${BIN}'`;
  return onTerminal(`${program} ${args} --url sqlite:app.db`, here.folder, env);
}

async function migrated(): Promise<Project> {
  const here = project(FILES);
  const { code, stderr } = await here.rider("migrate", "--url", "sqlite:app.db");
  assert.equal(code, 0, stderr);
  return here;
}

async function appliedIn(here: Project): Promise<string[]> {
  const { stdout } = await here.rider("migrations", "--json", "--url", "sqlite:app.db");
  const { migrations } = JSON.parse(stdout) as { migrations: { id: string; state: string }[] };
  return migrations.filter(({ state }) => state === "applied").map(({ id }) => id);
}

test("at a terminal, a rollback of more than one migration names them and asks, and no is no", async () => {
  const here = await migrated();
  const run = rider(here, "rollback --all");
  await run.shows(/Roll back these 2 migrations\? \[y\/N\] /);
  assert.match(run.seen, /^ {2}2-b\r?\n {2}1-a\r?$/m);
  run.type("n");
  assert.equal(await run.ended, 1, run.seen);
  assert.match(run.seen, /Nothing was changed\./);
  assert.deepEqual(await appliedIn(here), ["1-a", "2-b"]);
});

test("at a terminal, Return alone is no, and yes is yes", async () => {
  const here = await migrated();
  const silent = rider(here, "rollback --all");
  await silent.shows(/\[y\/N\] /);
  silent.type("");
  assert.equal(await silent.ended, 1, silent.seen);
  assert.deepEqual(await appliedIn(here), ["1-a", "2-b"]);
  const run = rider(here, "rollback --all");
  await run.shows(/\[y\/N\] /);
  run.type("yes");
  assert.equal(await run.ended, 0, run.seen);
  assert.match(run.seen, /Rolled back 2 migrations/);
  assert.deepEqual(await appliedIn(here), []);
});

test("nobody is asked for one migration, with --yes, with --dry-run, or where no terminal is", async () => {
  const here = await migrated();
  for (const [args, left] of [
    ["rollback --all --dry-run", ["1-a", "2-b"]],
    ["rollback --last 1", ["1-a"]],
    ["migrate", ["1-a", "2-b"]],
    ["rollback --all --yes", []],
    ["migrate", ["1-a", "2-b"]],
  ] as const) {
    const run = rider(here, args);
    assert.equal(await run.ended, 0, run.seen);
    assert.doesNotMatch(run.seen, /\[y\/N\]/);
    assert.deepEqual(await appliedIn(here), left, args);
  }
  const { code, stderr } = await here.rider("rollback", "--all", "--url", "sqlite:app.db");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(await appliedIn(here), []);
});

test("a terminal shows which migration is under way on one line, which is written over", async () => {
  const here = project({ ...FILES, "3-c.sql": "-- transactional: false\ncreate table c (id int);" });
  const run = rider(here, "migrate");
  assert.equal(await run.ended, 0, run.seen);
  const bare = run.seen.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g"), "");
  const over = `\r${ESCAPE}[2K`;
  assert.ok(bare.includes(`[2/3] Applying 2-b…${over}`), bare);
  assert.ok(bare.includes(`[3/3] Applying 3-c…${over}Applied 3-c`), bare);
  // Nothing of it is left where something else stands.
  const left = bare.split(/\r?\n/).map((line) => line.slice(line.lastIndexOf(over) + 1));
  assert.ok(left.some((line) => line.includes("Applied 1-a")));
  assert.ok(!left.some((line) => line.includes("Applying")), bare);
  const piped = project(FILES);
  const { stdout } = await piped.rider("migrate", "--url", "sqlite:app.db");
  assert.doesNotMatch(stdout, /Applying|\r/);
});

test("colour and lines around a table are for terminals, and NO_COLOR takes the colour away", async () => {
  const here = await migrated();
  const coloured = rider(here, "migrations");
  assert.equal(await coloured.ended, 0, coloured.seen);
  assert.ok(coloured.seen.includes(`${ESCAPE}[32m`), "green for what is applied");
  assert.match(coloured.seen, /┌─+┬/);
  const bare = rider(here, "migrations", { NO_COLOR: "1" });
  assert.equal(await bare.ended, 0, bare.seen);
  assert.ok(!bare.seen.includes(ESCAPE), bare.seen);
  assert.match(bare.seen, /┌─+┬/);
  const { stdout } = await here.rider("migrations", "--url", "sqlite:app.db");
  assert.ok(!stdout.includes(ESCAPE) && !stdout.includes("┌"), stdout);
});

test("an error is red at a terminal and says the same", async () => {
  const here = project({ "1-a.sql": "create tabel a (id int);" });
  const run = rider(here, "migrate");
  assert.equal(await run.ended, 1, run.seen);
  assert.ok(
    run.seen.includes(`${ESCAPE}[31merror:${ESCAPE}[39m The migration 1-a could not be applied`),
    run.seen,
  );
});
