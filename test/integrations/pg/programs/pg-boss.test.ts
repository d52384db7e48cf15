import assert from "node:assert/strict";
import { test } from "node:test";
import { PgBoss } from "pg-boss";
import { openPool } from "../open.ts";

test("pg-boss keeps its jobs through the pool", async (t) => {
  const { pool } = await openPool(t, { max: 4 });
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    supervise: false,
    schedule: false,
  });
  const failures: unknown[] = [];
  boss.on("error", (error) => failures.push(error));
  await boss.start();
  t.after(() => boss.stop({ graceful: false }));
  await boss.createQueue("greetings");
  const done: string[] = [];
  const all = new Promise<void>((resolve) => {
    void boss.work<{ name: string }>(
      "greetings",
      { pollingIntervalSeconds: 0.5, batchSize: 5 },
      async (jobs) => {
        for (const { data } of jobs) done.push(data.name);
        if (done.length === 10) resolve();
      },
    );
  });
  const names = Array.from({ length: 10 }, (_, i) => `caller ${i}`);
  await Promise.all(names.map((name) => boss.send("greetings", { name })));
  await all;
  assert.deepEqual(done.toSorted(), names.toSorted());
  await boss.stop();
  assert.deepEqual(failures, []);
  assert.equal(pool.waitingCount, 0);
});
