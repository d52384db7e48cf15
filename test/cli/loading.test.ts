import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../database/rider/project.ts";

const URL = ["--url", "sqlite:app.db"];
const STEP =
  'import { step } from "apocryphan/rider";\nexport const steps = [step("create table TABLE (id int)")];\n';
const RIDER = 'import { db } from "./src/base";\nexport { db };\n';
const BASE =
  'import { SQLiteDatabase } from "apocryphan";\nimport { file } from "./where.js";\nexport const db: SQLiteDatabase = new SQLiteDatabase({ database: file });\n';

for (const type of ["commonjs", "module", undefined]) {
  test(`every form is loaded as an ES module, without a word, where package.json says ${type ?? "nothing"}`, async () => {
    const here = project({
      "package.json": JSON.stringify({ type }),
      "1-a.ts": STEP.replace("TABLE", "a"),
      "2-b.mts": STEP.replace("TABLE", "b"),
      "3-c.js": STEP.replace("TABLE", "c"),
      "4-d.mjs": STEP.replace("TABLE", "d"),
      "5-e.sql": "create table e (id int);",
      "./rider.ts": RIDER,
      "src/base.ts": BASE,
      "src/where.ts": 'export const file: string = new URL("../app.db", import.meta.url).pathname;\n',
    });
    const ended = await here.rider("migrate", "--json");
    assert.equal(ended.stderr, "");
    assert.deepEqual((JSON.parse(ended.stdout) as { applied: string[] }).applied, [
      "1-a",
      "2-b",
      "3-c",
      "4-d",
      "5-e",
    ]);
  });
}

test("the configuration is found in a folder above, and its source belongs to it", async () => {
  const here = project({
    "./rider.js":
      'import { SQLiteDatabase } from "apocryphan";\nexport const db = new SQLiteDatabase({ database: new URL("app.db", import.meta.url).pathname });\n',
    "1-a.sql": "create table a (id int);",
  });
  const below = join(here.folder, "deep", "down");
  mkdirSync(below, { recursive: true });
  const ended = await project({}).rider("migrations", "--config", join(here.folder, "rider.js"));
  assert.match(ended.stdout, /1-a/);
});

const mistakes: readonly (readonly [what: string, file: string, text: string, says: RegExp])[] = [
  [
    "an enum",
    "1-a.ts",
    "export const steps = [];\nenum Colour { Red }\n",
    /^error: The migration \S+1-a\.ts can't be read\. Line 2: TypeScript enum is not supported in strip-only mode: Node\.js runs TypeScript by removing the types, and this needs code in their place\. Write the enum as `const Name = \{ A: "a", B: "b" \} as const`, or compile the file and keep the JavaScript in its stead\. Nothing was run\. \(RIDER\)\n$/,
  ],
  [
    "a decorator",
    "1-a.ts",
    "const d = (_: unknown) => {};\nclass A {\n  @d x = 1;\n}\nexport const steps = [];\n",
    /Line 3: Node\.js does not know decorators\./,
  ],
  [
    "a missing comma in TypeScript",
    "1-a.ts",
    'export const steps = [\n  "a"\n  "b",\n];\n',
    /1-a\.ts can't be read\. Line 3: Expected ','/,
  ],
  [
    "a missing comma in JavaScript",
    "1-a.js",
    'export const steps = [\n  "a"\n  "b",\n];\n',
    /1-a\.js can't be read\. Line 3: Expected ','/,
  ],
  [
    "an import that is not there",
    "1-a.ts",
    'import { x } from "no-such-package";\nexport const steps = [x];\n',
    /Cannot find package 'no-such-package'.*Install that package/,
  ],
  [
    "an error at its top level",
    "1-a.ts",
    'export const steps = [];\nthrow new Error("boom");\n',
    /Running it threw Error in line 2: boom\./,
  ],
  [
    "no steps",
    "1-a.ts",
    "export const stebs = [];\n",
    /It exports "stebs", which Rider does not know\. Did you mean "steps"\?/,
  ],
  [
    "depends that is a text",
    "1-a.ts",
    'export const depends = "abc";\nexport const steps = [];\n',
    /depends is an array/,
  ],
  [
    "a misspelt ignoreErrors",
    "1-a.ts",
    'import { step } from "apocryphan/rider";\nexport const steps = [step({ migrate: "", ignoreErrors: "Migrate" })];\n',
    /ignoreErrors: "Migrate"\. Did you mean "migrate"\?/,
  ],
  [
    "a quote that never ends",
    "1-a.sql",
    "create table a (id int);\ninsert into a values ('x);\n",
    /1-a\.sql can't be read\. Here begins a quote \('\) that never ends\. Close it\. \(line 2, column 23\)/,
  ],
];

test("a file that can't be read is named with its line before anything runs", async () => {
  for (const [what, file, text, says] of mistakes) {
    const here = project({ "0-first.sql": "create table first (id int);", [file]: text });
    const ended = await here.rider("migrate", ...URL);
    assert.equal(ended.code, 1, what);
    assert.match(ended.stderr, says, what);
    assert.equal(
      (
        await here.rider("run", ...URL, "--json", "-q", "select count(*) as n from sqlite_schema")
      ).stdout.includes('"n": 0'),
      true,
      what,
    );
  }
});

test("a mistake in the configuration is told of it", async () => {
  const here = project({ "./rider.ts": "enum A { B }\nexport const db = 1;\n" });
  const broken = await here.rider("migrate");
  assert.equal(broken.code, 1);
  assert.match(
    broken.stderr,
    /^error: Rider's configuration \S+rider\.ts can't be loaded\. Line 1: TypeScript enum/,
  );
  here.write({ "./rider.ts": "export const config = {};\n" });
  const without = await here.rider("migrate");
  assert.equal(without.code, 2);
  assert.match(without.stderr, /rider\.ts does not export a database\. Write there: export const db = /);
  here.write({ "./rider.ts": "export const db = 1;\n" });
  assert.match((await here.rider("migrate")).stderr, /Rider needs a database object/);
  here.write({
    "./rider.ts":
      'import { SQLiteDatabase } from "apocryphan";\nexport const db = new SQLiteDatabase({ database: "app.db" });\nexport const config = { tablename: "x" };\n',
  });
  const name = await here.rider("migrate");
  assert.equal(name.code, 2);
  assert.match(name.stderr, /Rider's configuration has no "tablename"\. Did you mean "tableName"\?/);
});

test("a configuration that does not fit is wrong usage, whoever finds it, and none of it is used", async () => {
  const here = project({ "1-a.sql": "create table a (id int);" });
  const database =
    'import { SQLiteDatabase } from "apocryphan";\nimport { defineConfig } from "apocryphan/rider";\nexport const db = new SQLiteDatabase({ database: "app.db" });\n';
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    [`${database}export const config = { source: 5 };`, /has a "source" that is no text, or an empty one/],
    [`${database}export const config = { source: "" };`, /has a "source" that is no text, or an empty one/],
    [`${database}export const config = ["./migrations"];`, /Rider's configuration is an object, such as/],
    [
      `${database}export const config = defineConfig({ tablename: "x" });`,
      /rider\.ts can't be loaded\. Running it threw OptionError in line 4: Rider's configuration has no "tablename"\. Did you mean "tableName"\? \(OPTION_INVALID\)\.\n$/,
    ],
    [
      'import { SQLiteDatabase } from "apocryphan";\nexport const db = new SQLiteDatabase({ databse: "app.db" });\n',
      /rider\.ts can't be loaded\. .* no option "databse"\. Did you mean "database"\?/,
    ],
  ];
  for (const [text, says] of cases) {
    here.write({ "./rider.ts": text });
    const ended = await here.rider("migrate");
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, says);
  }
});
