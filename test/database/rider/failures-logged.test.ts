import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { applied, failure, project, riderOn, rows } from "./project.ts";

for (const kind of ["postgresql", "mysql", "sqlite"] as const satisfies Kind[]) {
  test(`a failure is in the log, though all else of the run was undone, and holds no value (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.sql": "create table a (id int primary key);",
      "2-b.ts": `import { step } from "apocryphan/rider";
export const depends = ["1-a"];
export const steps = [step(async (db) => {
  await db.insert\`insert into a (id) values (\${4711})\`;
  await db.insert\`insert into a (id) values (\${4711})\`;
}, () => {})];
`,
    });
    const error = await failure(riderOn(database, here).migrate());
    assert.doesNotMatch(error.message, /4711/);
    const logged = await rows(
      database,
      "select migration, operation, direction, username, hostname, version, detail from _rider_logs where operation = 'failure'",
    );
    assert.equal(logged.length, 1);
    const [row] = logged;
    assert.deepEqual([row?.migration, row?.direction], ["2-b", "migrate"]);
    for (const name of ["username", "hostname", "version"]) assert.ok(row?.[name], name);
    assert.match(String(row?.detail), / refused a statement: /);
    assert.doesNotMatch(String(row?.detail), /4711/);
    assert.deepEqual(await applied(database), kind === "mysql" ? ["1-a"] : []);
  });
}
