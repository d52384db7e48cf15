import assert from "node:assert/strict";
import { test } from "node:test";
import { type FreshDatabase, freshDatabase, type Kind } from "../../support/database.ts";
import { until } from "../../support/wait.ts";
import { applied, project, rows } from "./project.ts";

/** A statement that goes on in the server for a while and adds 10 at its end. */
const SLOW: Readonly<Record<string, string>> = {
  postgresql: "update account set balance = balance + 10 where (select pg_sleep(3)) is not null;",
  mysql: "update account set balance = balance + 10 where sleep(3) = 0;",
};

const account =
  "create table account (id int primary key, balance int not null);\ninsert into account values (1, 0);";

/** Whether the slow statement is under way in the server. */
async function isWorking(database: FreshDatabase): Promise<boolean> {
  const found =
    database.dialect === "postgresql"
      ? await database.exec(
          "select 1 from pg_stat_activity where state = 'active' and query like 'update account%'",
        )
      : await database.exec(
          "select 1 from information_schema.processlist where info like 'update account%' and info not like '%processlist%'",
        );
  return found.length > 0;
}

for (const kind of ["postgresql", "mysql"] as const satisfies Kind[]) {
  test(`what the server of a killed runner still executes is waited for, and nothing is applied twice (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const here = project({ "1-account.sql": account });
    assert.equal((await here.rider("migrate", "--url", database.url)).code, 0);
    here.write({ "2-slow.sql": SLOW[database.dialect] ?? "" });
    const first = here.start("migrate", "--url", database.url);
    await until("the server to work", () => isWorking(database));
    first.process.kill("SIGKILL");
    assert.equal((await first.ended).signal, "SIGKILL");
    assert.ok(await isWorking(database), "the server goes on without its client");

    const second = await here.rider("migrate", "--url", database.url);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(await isWorking(database), false, "nothing of the first is left");
    assert.deepEqual(await rows(database, "select balance from account"), [{ balance: 10 }]);
    assert.deepEqual(await applied(database), ["1-account", "2-slow"]);
  });
}

test("outside a transaction too, where no lock of a transaction tells that the server is at work", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-account.sql": account,
    "2-slow.sql": `-- transactional: false\n${SLOW.postgresql}\nupdate account set balance = balance + 1;`,
  });
  const first = here.start("migrate", "--url", database.url);
  await until("the server to work", () => isWorking(database));
  first.process.kill("SIGKILL");
  await first.ended;
  const second = await here.rider("migrate", "--url", database.url);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await rows(database, "select balance from account"), [{ balance: 11 }]);
});

test("an index that is still being built for a killed runner is waited for and taken as done", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({
    "1-account.sql": `${account}\ncreate function slow(int) returns int immutable language plpgsql as $$ begin perform pg_sleep(1); return $1; end $$;`,
  });
  assert.equal((await here.rider("migrate", "--url", database.url)).code, 0);
  here.write({
    "2-index.sql":
      "-- transactional: false\ncreate index concurrently account_slow on account (slow(balance));",
  });
  const first = here.start("migrate", "--url", database.url);
  await until(
    "the index to be built",
    async () =>
      (
        await database.exec(
          "select 1 from pg_stat_activity where state = 'active' and query like 'create index concurrently%'",
        )
      ).length > 0,
  );
  first.process.kill("SIGKILL");
  await first.ended;
  const second = await here.rider("migrate", "--url", database.url);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(
    await rows(database, "select indisvalid from pg_index where indexrelid = 'account_slow'::regclass"),
    [{ indisvalid: true }],
  );
  assert.deepEqual(await applied(database), ["1-account", "2-index"]);
});

test("a runner that was killed leaves no lock behind on SQLite", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({
    "1-account.sql": account,
    "2-hang.ts": `import { step } from "apocryphan/rider";
export const steps = [step(async (db) => {
  await db.sql("update account set balance = balance + 10");
  if (!process.env.GO_ON) { console.error("HANGING"); await new Promise((done) => setTimeout(done, 60_000)); }
})];
`,
  });
  const first = here.start("migrate", "--url", database.url);
  let said = "";
  first.process.stderr?.on("data", (text: string) => {
    said += text;
  });
  await until("the step to hang", () => said.includes("HANGING"));
  const waiting = await here.rider("migrate", "--url", database.url, "--lock-timeout", "0.2");
  assert.equal(waiting.code, 1);
  assert.match(
    waiting.stderr,
    /^Waiting for another run to end \(\S+@\S+, process \d+\): 0 ms of at most 200 ms\.\nerror: Rider waited 0\.2 s and gave up, because another run of Rider holds the lock \(\S+@\S+, process \d+\)\. Nothing was changed\. Wait until that run has ended and start again, or allow more time with --lock-timeout\. \(LOCK\)\n$/,
  );
  first.process.kill("SIGKILL");
  await first.ended;
  process.env.GO_ON = "1";
  const second = await here.rider("migrate", "--url", database.url);
  delete process.env.GO_ON;
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await rows(database, "select balance from account"), [{ balance: 10 }]);
});
