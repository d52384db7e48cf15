import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NODES, node, project, run, write } from "./project.ts";

const { version: ours } = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8"),
);

for (const version of NODES) {
  test(`the command rider runs in an empty project, on Node.js ${version}`, async () => {
    const folder = await project();
    const program = await node(version);
    const rider = join(folder, "node_modules", ".bin", "rider");
    const said = await run(program, [rider, "--version"], folder);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, new RegExp(`\\b${ours.replaceAll(".", "\\.")}\\b`));
    write(folder, {
      "migrations/1-one.sql": "create table one (id int);",
      "migrations/2-two.ts":
        'import { step } from "apocryphan/rider";\nexport const depends: string[] = ["1-one"];\nexport const steps = [step("create table two (id int)", "drop table two")];\n',
    });
    const args = [rider, "--url", "sqlite:app.db", "--source", "migrations"];
    const migrated = await run(program, [...args, "migrate"], folder);
    assert.deepEqual([migrated.code, migrated.stderr], [0, ""], migrated.stdout);
    const asked = await run(
      program,
      [...args, "run", "--json", "-q", "select count(*) as n from two"],
      folder,
    );
    assert.deepEqual(JSON.parse(asked.stdout).rows, [{ n: 0 }]);
  });
}
