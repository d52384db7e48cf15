import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NODES, node, project, run, write } from "./project.ts";

const MIGRATIONS = { "migrations/1-one.sql": "create table one (id int);" };
const ARGS = ["--url", "sqlite:app.db", "migrate"];

for (const version of NODES) {
  test(`rider keeps what was compiled beside the packages, and starts with it again, on Node.js ${version}`, async () => {
    const { folder, cache, rider } = await installed(version);
    const first = await rider();
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    const kept = files(cache);
    assert.ok(kept.length > 3, `${kept.length} files`);
    assert.deepEqual(readdirSync(folder).sort(), FILES);
    const again = await rider();
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    assert.deepEqual(files(cache), kept);
  });
}

test("what is kept may be spoilt: rider compiles then, as at first", async () => {
  const { cache, rider } = await installed("24");
  await rider();
  for (const file of files(cache)) {
    const bytes = readFileSync(join(cache, file));
    // In the middle, behind what tells the version.
    bytes.fill(0x55, Math.floor(bytes.length / 2));
    writeFileSync(join(cache, file), bytes);
  }
  const { code, stdout, stderr } = await rider();
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /[Nn]othing/);
});

test("rider runs where nothing can be kept, and keeps nothing where that is not wanted", async () => {
  const { folder, cache, rider } = await installed("24");
  const unwanted = await rider({ NODE_DISABLE_COMPILE_CACHE: "1" });
  assert.equal(unwanted.code, 0, unwanted.stderr);
  assert.equal(existsSync(cache), false);
  // A file where the folder would be stands for a folder that nobody may write: to root, who may run this, none is.
  mkdirSync(join(folder, "node_modules", ".cache"), { recursive: true });
  writeFileSync(cache, "");
  const { code, stderr } = await rider();
  assert.deepEqual([code, stderr], [0, ""]);
});

const FILES = [
  "app.db",
  "app.db-rider-lock",
  "migrations",
  "node_modules",
  "package-lock.json",
  "package.json",
];

async function installed(version: string) {
  const folder = await project();
  const program = await node(version);
  write(folder, MIGRATIONS);
  return {
    folder,
    cache: join(folder, "node_modules", ".cache", "apocryphan"),
    rider: (env: Record<string, string> = {}) =>
      run(program, [join(folder, "node_modules", ".bin", "rider"), ...ARGS], folder, env),
  };
}

function files(cache: string): string[] {
  return readdirSync(cache, { recursive: true, encoding: "utf8" })
    .filter((name) => name.includes("/"))
    .sort();
}
