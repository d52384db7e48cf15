import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

function run(...args: string[]): { status: number | null; last: string | undefined; all: string } {
  // Inside a test file, node --test reports to its parent; the run under test is nobody's child.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/test.ts", ...args], {
    encoding: "utf8",
    env,
  });
  return { status, last: stdout.trimEnd().split("\n").at(-1), all: stdout + stderr };
}

test("a skipped test counts as a failure, is named, and the last line has the sum", () => {
  const { status, last, all } = run("test/support/run/mixed.ts");
  assert.equal(last, "1 passed, 2 failed");
  assert.match(all, /Skipped, which counts as failed: is skipped/);
  assert.equal(status, 1);
});

test("options of node --test are handed on", () => {
  const { status, last } = run("test/support/run/mixed.ts", "--test-name-pattern=passes");
  assert.equal(last, "1 passed, 0 failed");
  assert.equal(status, 0);
});

test("a file that does not exist fails the run", () => {
  const { status, last, all } = run("test/no-such.test.ts");
  assert.match(all, /No test file fits "test\/no-such.test.ts"/);
  assert.equal(last, "0 passed, 1 failed");
  assert.equal(status, 1);
});
