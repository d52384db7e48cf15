import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Ended, project } from "../database/rider/project.ts";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
};

const URL = ["--url", "sqlite:app.db"];

test("--version prints the version, alone and among other arguments", async () => {
  const here = project();
  for (const args of [["--version"], ["-V"], ["--json", "--version"]]) {
    assert.deepEqual(await here.rider(...args), {
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: "",
    });
  }
});

test("every command has help with an example", async () => {
  const here = project();
  const all = await here.rider("--help");
  assert.equal(all.code, 0);
  const names = [...all.stdout.matchAll(/^ {2}([a-z]+)(?:\|status)? /gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "help");
  assert.deepEqual(names, [
    "create",
    "migrations",
    "migrate",
    "rollback",
    "redo",
    "mark",
    "unmark",
    "check",
    "graph",
    "run",
  ]);
  for (const name of names) {
    const help = await here.rider(name, "--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`Examples?:\n {2}\\$ rider ${name}`), name);
    assert.match(help.stdout, /--url <url>/, `${name} shows the options that all have`);
  }
});

const wrong: readonly (readonly [what: string, args: string[], says: RegExp])[] = [
  ["no command", [], /^Usage: rider/],
  ["a mistyped command", ["migrat"], /unknown command 'migrat'\n\(Did you mean migrate\?\)/],
  [
    "a mistyped option",
    ["migrate", ...URL, "--dryrun"],
    /unknown option '--dryrun'\n\(Did you mean --dry-run\?\)/,
  ],
  ["rollback without a target", ["rollback", ...URL], /^error: rollback needs to know how far: /],
  [
    "rollback with two targets",
    ["rollback", ...URL, "--all", "--last", "1"],
    /named in several ways at once/,
  ],
  [
    "an index that is not there",
    ["rollback", ...URL, "-i", "99"],
    /There is no migration with the index 99: indexes go from 0 to 0/,
  ],
  ["an index that is no number", ["rollback", ...URL, "-i", "x"], /There is no migration "x"/],
  ["a negative index", ["rollback", ...URL, "-i", "-1"], /There is no migration with the index -1/],
  [
    "a target that is nearly an id",
    ["migrate", ...URL, "--to", "1-aa"],
    /There is no migration "1-aa"\. Did you mean 1-a\?/,
  ],
  ["mark without a target", ["mark", ...URL], /^error: mark needs to know which: /],
  ["mark in two ways", ["mark", ...URL, "1-a", "--all"], /named in several ways at once \(1-a, all\)/],
  [
    "mark of an index that is not there",
    ["mark", ...URL, "99"],
    /as `rider migrations` shows them\. Nothing/,
  ],
  ["create without a message", ["create", "--source", "migrations"], /^error: create needs a message/],
  ["run without a query", ["run", ...URL], /^error: run needs a query/],
  [
    "no configuration",
    ["migrate"],
    /^error: There is no rider\.ts, rider\.mts, rider\.js, rider\.mjs in .* --url URL and --source DIR\.\n$/,
  ],
  [
    "a configuration that is not there",
    ["migrate", "--config", "nope.ts"],
    /^error: There is no configuration .*nope\.ts, which --config names/,
  ],
  [
    "a URL of no database",
    ["migrate", "--url", "postgre://x"],
    /^error: The option "url" does not begin as a database URL does.*Did you mean "postgres:"/,
  ],
  [
    "a bad duration",
    ["migrate", ...URL, "--lock-timeout", "soon"],
    /^error: The option "lockTimeout" takes a duration/,
  ],
];

test("wrong usage exits with 2, says what is wrong on standard error, and touches nothing", async () => {
  for (const [what, args, says] of wrong) {
    const here = project({ "1-a.sql": "create table a (id int)" });
    const ended: Ended = await here.rider(...args);
    assert.equal(ended.code, 2, `${what}: ${ended.stderr}`);
    assert.match(ended.stderr, says, what);
    assert.equal(ended.stdout, "", what);
  }
});

test("with --json an error is a document too, and nothing else is on standard output", async () => {
  const here = project({ "1-a.sql": "create table a (id int);\nnonsense;" });
  const ended = await here.rider("migrate", ...URL, "--json");
  assert.equal(ended.code, 1);
  const { error } = JSON.parse(ended.stdout) as { error: Record<string, unknown> };
  assert.equal(error.code, "MIGRATE_FAILED");
  assert.deepEqual(error.state, { kind: "unchanged" });
  assert.match(
    ended.stderr,
    /^error: The migration 1-a could not be applied: statement 2 of step 1 in .* \(line 2, column 1\)/,
  );
});

test("with --json wrong usage is a document too, also where no command understands it", async () => {
  const here = project({ "1-a.sql": "create table a (id int);" });
  for (const [args, says] of [
    [["migrat"], /unknown command 'migrat'/],
    [["migrate", "--dryrun"], /unknown option '--dryrun'/],
    [["rollback", "-i"], /argument missing/],
    [[], /There is no command/],
    [["rollback", ...URL], /needs to know how far/],
  ] as const) {
    const ended = await here.rider(...args, "--json");
    assert.equal(ended.code, 2);
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, "USAGE");
    assert.match(error.message, says);
    assert.notEqual(ended.stderr, "");
  }
});

test("with --json what the configuration and migrations print goes to standard error", async () => {
  const here = project({
    "./rider.ts":
      'import { SQLiteDatabase } from "apocryphan";\nconsole.log("the configuration speaks");\nexport const db = new SQLiteDatabase({ database: "app.db" });\n',
    "1-a.ts":
      'import { step } from "apocryphan/rider";\nconsole.info("the file speaks");\nexport const steps = [step(() => { process.stdout.write("the step speaks\\n"); })];\n',
  });
  const listed = await here.rider("migrations", "--json");
  assert.equal(listed.stderr, "the configuration speaks\n");
  assert.ok("migrations" in (JSON.parse(listed.stdout) as object));
  const ran = await here.rider("migrate", "--json");
  assert.equal(ran.stderr, "the configuration speaks\nthe file speaks\nthe step speaks\n");
  assert.deepEqual((JSON.parse(ran.stdout) as { applied: string[] }).applied, ["1-a"]);
  assert.match((await here.rider("migrations")).stdout, /^the configuration speaks\nindex /);
});

test("every command prints one JSON document", async () => {
  const here = project({ "1-a.sql": "create table a (id int);", "1-a.rollback.sql": "drop table a;" });
  const json = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await here.rider(...args, ...URL, "--json")).stdout) as Record<string, unknown>;
  const dry = await json("migrate", "--dry-run");
  assert.equal(dry.dryRun, true);
  assert.deepEqual((await json("check")).pending, ["1-a"]);
  assert.deepEqual((await json("migrate")).applied, ["1-a"]);
  const [row] = (await json("migrations")).migrations as Record<string, unknown>[];
  assert.equal(row?.state, "applied");
  assert.match(String(row?.appliedAt), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(await json("run", "-q", "select 1 as n, null as z, 'a' as t"), {
    rows: [{ n: 1, z: null, t: "a" }],
    rowCount: 1,
  });
  assert.deepEqual(await json("run", "-q", "insert into a values (1), (2)"), { rows: [], rowCount: 2 });
  assert.deepEqual((await json("redo")).rolledBack, ["1-a"]);
  assert.deepEqual(await json("unmark", "1-a"), { unmarked: "1-a" });
  assert.deepEqual(await json("mark", "0"), { marked: ["1-a"] });
  assert.deepEqual((await json("rollback", "--all")).rolledBack, ["1-a"]);
  const created = await json("create", "-m", "next");
  assert.deepEqual(created.depends, ["1-a"]);
});

test("check exits with 3 where something is pending, and 0 where nothing is", async () => {
  const here = project({ "1-a.sql": "create table a (id int);" });
  const before = await here.rider("check", ...URL);
  assert.deepEqual([before.code, before.stdout], [3, "1 migration is pending: 1-a.\n"]);
  await here.rider("migrate", ...URL);
  const after = await here.rider("check", ...URL);
  assert.deepEqual([after.code, after.stdout], [0, "Nothing is pending, edited or missing.\n"]);
});

test("a dry run prints the exact statements and changes nothing", async () => {
  const here = project({
    "1-a.sql": "create table a (id int);\ninsert into a values (1);",
    "2-b.sql": "drop table a;",
  });
  const dry = await here.rider("migrate", ...URL, "--dry-run");
  assert.equal(
    dry.stdout,
    "begin;\n-- Apply 1-a\ncreate table a (id int);\ninsert into a values (1);\n-- Record 1-a as applied\n-- Apply 2-b\ndrop table a;\n-- Record 2-b as applied\ncommit;\n",
  );
  assert.equal((await here.rider("check", ...URL)).code, 3);
});

test("the graph is printed as text, for Mermaid and for Graphviz", async () => {
  const here = project({ "1-a.sql": "", "2-b.sql": "-- depends: 1-a" });
  assert.match((await here.rider("graph", ...URL)).stdout, /^○ 1-a\n○ 2-b \(head\) ← 1-a\n/);
  assert.match((await here.rider("graph", ...URL, "--mermaid")).stdout, /^flowchart TD\n/);
  assert.match((await here.rider("graph", ...URL, "--dot")).stdout, /^digraph migrations \{\n/);
  assert.equal((await here.rider("graph", ...URL, "--dot", "--mermaid")).code, 2);
});

test("colour is only for terminals", async () => {
  const here = project({ "1-a.sql": "" });
  const { stdout } = await here.rider("migrations", ...URL);
  assert.ok(!stdout.includes("\u001B"));
});

test("a reader that has seen enough is no failure", () => {
  const here = project(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}-m.sql`, ""])));
  const bin = join(import.meta.dirname, "../../src/cli/bin.ts");
  const ended = spawnSync(
    "bash",
    [
      "-c",
      `set -o pipefail; "${process.execPath}" --conditions=apocryphan-source "${bin}" migrations --url sqlite:app.db | head -1`,
    ],
    { cwd: here.folder, encoding: "utf8" },
  );
  assert.deepEqual([ended.status, ended.stderr], [0, ""]);
});
