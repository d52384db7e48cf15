import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");

for (const name of ["kysely", "drizzle"]) {
  test(`the example with ${name} undoes what is refused and keeps the rest`, () => {
    const program = join(root, "examples", name, "main.ts");
    const args = ["--conditions=apocryphan-source", program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^SQLite refused a statement: UNIQUE constraint failed/);
    assert.match(stdout, /\[ \{ id: 1, name: 'Ada' \}, \{ id: 2, name: 'Grace' \} \]\n$/);
  });
}

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

for (const name of ["knex", "typeorm"]) {
  test(`the example with ${name} brings its own database, undoes what is refused and keeps to its connections`, () => {
    const [program, ...args] = String(scripts[`example:${name}`]).split(" ");
    assert.equal(program, "node");
    const { DATABASE_URL: _, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      env,
      encoding: "utf8",
      timeout: 120_000,
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^refused, and undone: .*duplicate key value violates unique constraint/);
    assert.match(stdout, /^40 counts over [1-5] connections of 5 at most$/m);
    assert.match(stdout, /\[ \{ id: 1, name: 'Ada' \}, \{ id: 2, name: 'Grace' \} \]\n$/);
  });
}
