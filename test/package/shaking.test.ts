import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { project, run, write } from "./project.ts";

/** What a bundler makes of a program: the packages it still imports, and its text without anything that is not needed. */
async function bundled(text: string): Promise<{ imports: string[]; text: string; path: string }> {
  const folder = await project();
  write(folder, { "main.mjs": text });
  const path = join(folder, "bundled.mjs");
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ["main.mjs"],
    outfile: path,
    bundle: true,
    format: "esm",
    platform: "node",
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return { imports: (output?.imports ?? []).map((one) => one.path), text: readFileSync(path, "utf8"), path };
}

/** What only a pool, a driver or Rider says: its error, what keeps the context's connection, what loads a client. */
const NOT_NEEDED = ["POOL_EXHAUSTED", "AsyncLocalStorage", "createRequire", "MIGRATE_FAILED"];

for (const { name, program, prints, most } of [
  { name: "OptionError", program: "console.log(OptionError.name);", prints: "OptionError\n", most: 4_000 },
  {
    name: "sql",
    program: "const id = 1; console.log(typeof sql`select ${id}`);",
    prints: "object\n",
    most: 40_000,
  },
]) {
  test(`a program that imports ${name} alone brings no pool, no driver and no Rider into its bundle`, async () => {
    const { imports, text, path } = await bundled(`import { ${name} } from "apocryphan";\n${program}\n`);
    assert.deepEqual(
      NOT_NEEDED.filter((word) => text.includes(word)),
      [],
    );
    assert.deepEqual(
      imports.filter((each) => each !== "node:util"),
      [],
    );
    assert.ok(text.length < most, `${text.length} characters`);
    const { stdout } = await run(process.execPath, [path], "/");
    assert.equal(stdout, prints);
  });
}

test("what tells them apart is in the bundle of a program that does need them", async () => {
  const { text } = await bundled(
    'import { PooledSQLiteDatabase } from "apocryphan/pool";\nconsole.log(PooledSQLiteDatabase.name);\n',
  );
  // The pool needs no Rider.
  assert.deepEqual(
    NOT_NEEDED.filter((word) => !text.includes(word)),
    ["MIGRATE_FAILED"],
  );
});
