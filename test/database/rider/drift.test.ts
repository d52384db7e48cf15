import assert from "node:assert/strict";
import { test } from "node:test";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { listening, project, riderOn, rows } from "./project.ts";

for (const kind of KINDS) {
  test(`edited and missing files are reported, and a run warns and goes on (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({
      "1-a.sql": "create table a (id int);\n",
      "2-b.ts": `import { step } from "apocryphan/rider";\nexport const depends = ["1-a"];\nexport const steps = [step("create table b (id int)")];\n`,
      "3-c.sql": "create table c (id int);",
    });
    const rider = riderOn(database, here);
    await rider.migrate();
    here.write({ "1-a.sql": "create table a (id int);  \r\n\r\n" });
    assert.equal((await rider.check()).ok, true, "line ends and blanks at the end of a line are no edit");
    here.write({ "1-a.sql": "create table a (id bigint);\n", "4-d.sql": "create table d (id int);" });
    here.remove("2-b.ts");
    assert.deepEqual(await rider.check(), {
      pending: ["4-d"],
      edited: ["1-a"],
      missing: ["2-b"],
      half: [],
      ok: false,
    });

    const heard = listening();
    assert.deepEqual((await rider.migrate(heard.options)).applied, ["4-d"]);
    assert.deepEqual(
      heard.events.flatMap((event) => (event.type === "warning" ? [event.problem.kind] : [])),
      ["edited", "missing"],
    );
    assert.deepEqual(await rider.mark("1-a"), ["1-a"]);
    await rider.unmark("2-b");
    assert.equal((await rider.check()).ok, true);
  });
}

test("what is applied and unchanged is not imported again", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({
    "1-a.ts": `import { step } from "apocryphan/rider";
globalThis.imported = (globalThis.imported ?? 0) + 1;
export const depends = [...[]];
export const steps = [step("create table a (id int)", "drop table a")];
`,
  });
  const rider = riderOn(database, here);
  await rider.migrate();
  const { code } = await here.rider("check", "--url", database.url);
  assert.equal(code, 0);
  here.write({ "2-b.sql": "-- depends: 1-a\ncreate table b (id int)" });
  // In a process of its own, where nothing is imported yet.
  const run = await here.rider("migrate", "--url", database.url, "--json");
  assert.equal(run.stderr, "");
  assert.deepEqual(JSON.parse(run.stdout).applied, ["2-b"]);
  here.write({
    "1-a.ts": "throw new Error('it was imported');\nexport const steps = [];",
    "3-c.sql": "create table c (id int)",
  });
  const edited = await here.rider("migrations", "--url", database.url);
  assert.match(
    edited.stdout,
    /1-a .*edited since/,
    "not even an edited one, where its text tells what it depends on",
  );
  assert.deepEqual(await rows(database, "select count(*) as n from _rider_migrations"), [{ n: 2 }]);
});

test("a project that goes from TypeScript to compiled JavaScript keeps its history: nothing is applied again", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({
    "1-a.ts": `import { step } from "apocryphan/rider";\nexport const depends: string[] = [];\nexport const steps = [step("create table a (id int)")];\n`,
  });
  const rider = riderOn(database, here);
  await rider.migrate();
  here.remove("1-a.ts");
  here.write({
    "1-a.js": `import { step } from "apocryphan/rider";\nexport const depends = [];\nexport const steps = [step("create table a (id int)")];\n`,
    "2-b.js": `import { step } from "apocryphan/rider";\nexport const depends = ["1-a"];\nexport const steps = [step("create table b (id int)")];\n`,
  });
  assert.deepEqual((await rider.migrate()).applied, ["2-b"]);
  assert.deepEqual(await rider.mark("1-a"), ["1-a"]);
  assert.equal((await rider.check()).ok, true);
});
