import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../../src/base/clock.ts";
import { Alone } from "../../../src/database/alone.ts";
import { Scopes } from "../../../src/database/scope.ts";
import { mysql } from "../../../src/dialect/mysql.ts";
import type { Connection, Result, Statement } from "../../../src/driver/driver.ts";
import { DatabaseError } from "../../../src/driver/errors.ts";
import { parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool } from "../../../src/pool/pool.ts";
import { settle } from "../pool/support.ts";

const NOTHING: Result = { rows: [], columns: [], rowCount: 0, lastInsertId: null };

type Sends = Pick<Connection, "query" | "queryNow">;

/** Time stands still, or a busy machine would make the pool look at the connection before it lends it. */
const STILL: Clock = { now: () => 0, after: () => () => {} };

function poolOf(sends: Sends): Pool<Connection> {
  return new Pool<Connection>(
    {
      // Nothing is heard of a network here, so that no test depends on how busy the machine is.
      local: true,
      open: async () => ({ standing: "idle", ...sends }) as Connection,
      close: async () => {},
      usable: () => true,
      check: async () => true,
      reset: () => true,
      onLost: () => {},
    },
    parsePoolOptions({ maxConnections: 1, timeout: 0 }),
    { clock: STILL },
  );
}

/** Runs texts on a pool of one connection, which lies ready. */
async function alone(sends: Sends): Promise<{ pool: Pool<Connection>; run: (text: string) => unknown }> {
  const pool = poolOf(sends);
  await pool.release(await pool.acquire());
  const lone = new Alone(pool);
  return { pool, run: (text) => lone.run({ text, values: [] }, new Scopes()) };
}

const never = (): Promise<Result> => assert.fail("It was sent.");

test("where the connection can answer at once, the answer is there without a promise, and the connection is back", async () => {
  const { pool, run } = await alone({ query: never, queryNow: () => NOTHING });
  assert.equal(run("select 1"), NOTHING);
  assert.equal(pool.stats().idle, 1);
});

test("what fails at once fails by a promise, and the connection is back", async () => {
  const queryNow = (): Result => {
    throw new Error("no such table");
  };
  const { pool, run } = await alone({ query: never, queryNow });
  await assert.rejects(run("select 1") as Promise<unknown>, /no such table/);
  assert.equal(pool.stats().idle, 1);
});

test("what can't be done at once is sent, and the connection is back when it is answered", async () => {
  let answer: (result: Result) => void = () => {};
  const query = (): Promise<Result> =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const { pool, run } = await alone({ query, queryNow: () => undefined });
  const running = run("select 1") as Promise<Result>;
  assert.equal(pool.stats().inUse, 1);
  answer(NOTHING);
  assert.equal(await running, NOTHING);
  assert.equal(pool.stats().idle, 1);
});

test("who waits is sent in the turn in which the one before gives back, in the order of the calls", async () => {
  const sent: string[] = [];
  const answers: ((result: Result) => void)[] = [];
  const query = ({ text }: Statement): Promise<Result> => {
    sent.push(text);
    return new Promise((resolve) => answers.push(resolve));
  };
  const { run } = await alone({ query });
  const running = ["a", "b", "c"].map(run);
  assert.deepEqual(sent, ["a"]);
  answers[0]?.(NOTHING);
  await running[0];
  assert.deepEqual(sent, ["a", "b"]);
  answers[1]?.(NOTHING);
  await running[1];
  assert.deepEqual(sent, ["a", "b", "c"]);
});

test("one that was stopped because its connection was closed under it hears of that", async () => {
  let fail: (error: unknown) => void = () => {};
  const query = (): Promise<Result> =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const { pool, run } = await alone({ query });
  const running = run("select 1") as Promise<Result>;
  const closed = pool.closeAll();
  const driverError = new Error("interrupted");
  const statement = { text: "select 1", values: [] };
  fail(new DatabaseError({ dialect: mysql, message: "interrupted", statement, driverError, errno: 1317 }));
  await assert.rejects(running, { code: "CONNECTION_LOST" });
  await closed;
  await settle();
});
