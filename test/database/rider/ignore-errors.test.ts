import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { failure, listening, project, riderOn, rows } from "./project.ts";

for (const kind of KINDS) {
  test(`ignoreErrors passes over what the database refuses, says so, and the run goes on (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.ts": `import { step } from "apocryphan/rider";
export const steps = [
  step("create table a (id int)"),
  step({ migrate: "insert into nowhere values (1)", rollback: "drop table nowhere", ignoreErrors: "all" }),
  step(async (db) => { await db.sql("insert into nowhere values (2)"); }, undefined, "migrate"),
  step("insert into a values (1)", "delete from a"),
];
`,
    });
    const heard = listening();
    const rider = riderOn(database, here);
    await rider.migrate(heard.options);
    assert.deepEqual(await rows(database, "select id from a"), [{ id: 1 }]);
    const ignored = heard.events.flatMap((event) => (event.type === "ignored" ? [event] : []));
    assert.deepEqual(
      ignored.map(({ step, direction }) => `${direction} ${step}`),
      ["migrate 1", "migrate 2"],
    );
    assert.match(ignored[0]?.reason ?? "", /nowhere/);
    await rider.rollback({ last: 1 });
    assert.deepEqual(await rows(database, "select id from a"), []);
  });

  test(`ignoreErrors does not pass over a mistake in the program (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.ts": `import { step } from "apocryphan/rider";
export const steps = [step({ migrate: async () => { throw new TypeError("oops"); }, ignoreErrors: "all" })];
`,
    });
    assert.match((await failure(riderOn(database, here).migrate())).message, /TypeError: oops/);
  });
}
