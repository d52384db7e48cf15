import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
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
