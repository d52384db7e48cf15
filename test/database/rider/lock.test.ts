import assert from "node:assert/strict";
import { test } from "node:test";
import type { LockError, RiderEvent } from "../../../src/rider.ts";
import { freshDatabase, KINDS } from "../../support/database.ts";
import { until } from "../../support/wait.ts";
import { applied, failure, log, project, riderOn, rows } from "./project.ts";

/** A migration that waits until the test lets it go. */
const WAITS = `import { step } from "apocryphan/rider";
export const steps = [step(async (db) => {
  await db.sql("create table a (id int)");
  globalThis.reached = true;
  while (!globalThis.released) await new Promise((done) => setTimeout(done, 5));
})];
`;
const gate = globalThis as { reached?: boolean; released?: boolean };

for (const kind of KINDS) {
  test(`a second run says who holds the lock, waits, and finds nothing to do (${kind})`, async () => {
    Object.assign(gate, { reached: false, released: false });
    const database = await freshDatabase(kind);
    const here = project({ "1-a.ts": WAITS });
    const first = riderOn(database, here).migrate();
    await until("the first run to be at work", () => gate.reached);

    const error = await failure<LockError>(riderOn(database, here).migrate({ lockTimeout: "300ms" }));
    assert.equal(error.name, "LockError");
    assert.match(
      error.message,
      /^Rider waited 0\.\d s and gave up, because another run of Rider holds the lock \(.+\)\. Nothing was changed\. Wait until that run has ended and start again, or allow more time with --lock-timeout\. \(LOCK\)$/,
    );
    if (database.dialect !== "mysql") assert.match(error.holder ?? "", new RegExp(`process ${process.pid}`));

    const events: RiderEvent[] = [];
    const second = riderOn(database, here).migrate({ onEvent: (event) => events.push(event) });
    await until("the second to wait", () => events.some(({ type }) => type === "waiting"));
    const check = await riderOn(database, here).check();
    assert.deepEqual(check.pending, ["1-a"], "looking needs no lock");
    gate.released = true;
    assert.deepEqual((await first).applied, ["1-a"]);
    assert.deepEqual((await second).applied, []);
    assert.deepEqual(await log(database), ["apply 1-a"]);
  });
}

for (const kind of ["postgresql", "postgresql-system"] as const) {
  test(`a run that loses its lock stops and takes back what it did (${kind})`, async () => {
    Object.assign(gate, { reached: false, released: false });
    const database = await freshDatabase(kind);
    const here = project({ "1-a.ts": WAITS });
    const run = failure<LockError>(riderOn(database, here).migrate());
    await until("the run to be at work", () => gate.reached);
    const ended = await database.exec(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'rider % lock %'`,
    );
    assert.equal(ended.length, 1);
    gate.released = true;
    const error = await run;
    assert.equal(error.name, "LockError");
    assert.match(error.message, /^Rider lost its lock in the middle of the run: /);
    assert.deepEqual(await applied(database), []);
    assert.deepEqual(await rows(database, "select to_regclass('a') is null as gone"), [{ gone: true }]);
  });
}

test("the lock's connections do not count against the pool, and all of them are closed afterwards", async () => {
  const { PooledPostgreSQLDatabase } = await import("../../../src/pool.ts");
  const { Rider } = await import("../../../src/rider.ts");
  const database = await freshDatabase("postgresql");
  const here = project({ "1-a.sql": "create table a (id int)" });
  const db = new PooledPostgreSQLDatabase({ url: database.url, maxConnections: 1 });
  await db.withConnection(async () => {
    await new Rider(db, { source: `${here.folder}/migrations` }).migrate();
  });
  await db.closeAll();
  await until("the server to see them gone", async () => {
    const left = await database.exec(
      "select 1 from pg_stat_activity where datname = current_database() and application_name like 'rider%'",
    );
    return left.length === 0;
  });
});
