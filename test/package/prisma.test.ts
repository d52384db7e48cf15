import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freshDatabase } from "../support/database.ts";

const root = join(import.meta.dirname, "../..");

test("the example with Prisma undoes what is refused and shares its connections with our own statements", async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const [program, ...args] = String(scripts["example:prisma"]).split(" ");
  assert.equal(program, "node");
  const { url } = await freshDatabase("postgresql", t);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
    encoding: "utf8",
    timeout: 300_000,
  });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(stdout, /^refused, and undone: P2002\n40 counts over [1-5] connections of 5 at most\n/);
  assert.match(stdout, /\[ \{ id: 1, name: 'Ada' \}, \{ id: 2, name: 'Grace' \} \]\n$/);
});
