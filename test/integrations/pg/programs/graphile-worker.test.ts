import assert from "node:assert/strict";
import { test } from "node:test";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { until } from "../../../support/wait.ts";
import { openPool } from "../open.ts";

/** Says nothing. */
const logger = new Logger(() => () => {});

test("graphile-worker listens, works and gives up jobs on the pool", async (t) => {
  const { pool } = await openPool(t, { max: 5 });
  // Without listeners it warns, since pg's own pool would end the process.
  const failures: unknown[] = [];
  pool.on("error", (error) => failures.push(error));
  pool.on("connect", (client) => client.on("error", (error) => failures.push(error)));
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await utils.migrate();
  const seen: unknown[] = [];
  let finished = (): void => {};
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const runner = await run({
    pgPool: pool,
    logger,
    concurrency: 3,
    noHandleSignals: true,
    // Longer than the test: jobs are found because the server tells of them, on a client that is held for that.
    pollInterval: 600_000,
    taskList: {
      greet: async (payload, helpers) => {
        const { rows } = await helpers.query<{ one: number }>("select 1 as one");
        seen.push({ payload, rows });
        if (seen.length === 6) finished();
      },
    },
  });
  for (let i = 0; i < 6; i++) await utils.addJob("greet", { i });
  await all;
  await runner.stop();
  await utils.release();
  assert.equal(seen.length, 6);
  assert.deepEqual(failures, []);
  assert.equal(pool.waitingCount, 0);
  await until("all clients to be given back", () => pool.idleCount === pool.totalCount);
});
