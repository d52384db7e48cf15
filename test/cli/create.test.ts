import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../database/rider/project.ts";

test("create depends on all current heads, and what it writes can be applied", async () => {
  const here = project({
    "1-root.sql": "",
    "2-left.sql": "-- depends: 1-root",
    "3-right.sql": "-- depends: 1-root",
  });
  const ended = await here.rider("create", "--url", "sqlite:app.db", "-m", "Merge both");
  const file = /^Created (migrations\/\d+-merge-both\.ts)\n$/.exec(ended.stdout)?.[1];
  assert.ok(file, ended.stderr);
  const text = readFileSync(join(here.folder, file), "utf8");
  assert.match(
    text,
    /^\/\*\* Merge both \*\/\nimport \{ step \} from "apocryphan\/rider";\n\nexport const depends = \["2-left", "3-right"\];\n/,
  );
  const migrated = await here.rider("migrate", "--url", "sqlite:app.db");
  assert.equal(migrated.code, 0, migrated.stderr);
});

test("no message leaves the folder, overwrites a file or breaks a command", async () => {
  const here = project();
  const messages = [
    "a/b",
    "../../escape",
    'say """hi"""',
    "*/ oops /*",
    "`${x}`",
    "",
    "   ",
    "ünï 🐘",
    "a".repeat(400),
    "-- depends: 9-x",
    "x",
    "x",
    "x",
  ];
  for (const message of messages) {
    const { code, stderr } = await here.rider("create", "--source", "migrations", "-m", message);
    assert.equal(code, 0, stderr);
  }
  for (const message of messages.slice(0, 4)) {
    const { code, stderr } = await here.rider("create", "--sql", "--source", "migrations", "-m", message);
    assert.equal(code, 0, stderr);
  }
  assert.equal(here.migrations().length, messages.length + 8);
  assert.equal(existsSync(join(here.folder, "../escape")), false);
  const migrated = await here.rider("migrate", "--url", "sqlite:app.db", "--json");
  assert.equal(migrated.code, 0, migrated.stderr);
  assert.equal((JSON.parse(migrated.stdout) as { applied: string[] }).applied.length, messages.length + 4);
});

test("create makes the folder that the configuration names", async () => {
  const here = project({
    "./rider.mjs":
      'import { SQLiteDatabase } from "apocryphan";\nexport const db = new SQLiteDatabase({ database: "app.db" });\nexport const config = { source: "db/steps" };\n',
  });
  const { stdout } = await here.rider("create", "-m", "first", "--sql");
  assert.match(stdout, /^Created db\/steps\/(\d+-first)\.sql\nCreated db\/steps\/\1\.rollback\.sql\n$/);
  assert.equal(existsSync(join(here.folder, "app.db")), false, "no database is needed for it");
});
