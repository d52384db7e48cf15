import assert from "node:assert/strict";
import { test } from "node:test";
import { applied, project, rows } from "../database/rider/project.ts";
import { freshDatabase } from "../support/database.ts";
import { until } from "../support/wait.ts";

/** Says that it has begun, and then takes its time. */
const SLOW = `import { step } from "apocryphan/rider";
export const steps = [
  step("create table a (id int)"),
  step(async (db) => {
    console.error("WORKING");
    await new Promise((done) => setTimeout(done, 700));
    await db.sql("insert into a values (1)");
  }),
  step("insert into a values (2)"),
];
`;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends the run after the statement in hand, rolled back`, async () => {
    const database = await freshDatabase("postgresql");
    const here = project({ "1-a.ts": SLOW });
    const run = here.start("migrate", "--url", database.url);
    let said = "";
    run.process.stderr?.on("data", (text: string) => {
      said += text;
    });
    await until("the step to work", () => said.includes("WORKING"));
    run.process.kill(signal);
    const ended = await run.ended;
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, new RegExp(`${signal}: ending after the statement in hand`));
    assert.match(
      ended.stderr,
      new RegExp(`error: The run was stopped by ${signal} before statement 1 of step 3 in .*1-a\\.ts`),
    );
    assert.match(ended.stderr, /the database is as it was before this run/);
    assert.deepEqual(await rows(database, "select to_regclass('a') is null as gone"), [{ gone: true }]);
  });
}

test("where nothing can be rolled back, what is done is recorded and the next run goes on", async () => {
  const database = await freshDatabase("mysql");
  const here = project({ "1-a.ts": SLOW });
  const run = here.start("migrate", "--url", database.url);
  let said = "";
  run.process.stderr?.on("data", (text: string) => {
    said += text;
  });
  await until("the step to work", () => said.includes("WORKING"));
  run.process.kill("SIGTERM");
  const ended = await run.ended;
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /2 of its 3 statements are done and stay/);
  assert.deepEqual(await applied(database), []);
  assert.equal((await here.rider("migrate", "--url", database.url)).code, 0);
  assert.deepEqual(await rows(database, "select id from a order by id"), [{ id: 1 }, { id: 2 }]);
});
