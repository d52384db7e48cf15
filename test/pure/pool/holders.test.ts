import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type Holder, MaxConnectionsExceededError, PoolDeadlockError } from "../../../src/pool/errors.ts";
import { channels, type LeakEvent } from "../../../src/pool/events.ts";
import { gate, loans, rig, settle, watch } from "./support.ts";

test("who would wait for itself is told so at once", async () => {
  const { pool } = rig({ maxConnections: 2, timeout: 60 });
  const mine = await loans(pool, 2);
  await assert.rejects(
    async () => pool.acquire({ enclosing: mine }),
    (error) => {
      assert.ok(error instanceof PoolDeadlockError && error instanceof MaxConnectionsExceededError);
      assert.equal(error.code, "POOL_DEADLOCK");
      assert.equal(
        error.message,
        'Pool "main" can\'t lend another connection to a caller whose own enclosing scopes hold all 2: it would wait for itself. The longest loan is 0.0 s old. Use the connection that is there, end the enclosing scope first, or raise "maxConnections". (POOL_DEADLOCK)',
      );
      return true;
    },
  );
});

test("it is no deadlock where somebody else holds one, one was given back, or the same one is named twice", async () => {
  const { pool } = rig({ maxConnections: 2, timeout: 60 });
  const [mine, other] = await loans(pool, 2);
  assert.ok(mine && other);
  const waiter = watch(pool.acquire({ enclosing: [mine, mine] }));
  await settle();
  assert.equal(waiter.state, "pending");
  pool.release(other);
  await settle();
  assert.equal(waiter.state, "fulfilled");
  const next = watch(pool.acquire({ enclosing: [mine, other] }));
  await settle();
  assert.equal(next.state, "pending");
});

test("a connection held longer than leakTimeout is reported once, with the place where it was taken", async () => {
  const { pool, clock } = rig({ leakTimeout: 30 }, { name: "porg" });
  const events: LeakEvent[] = [];
  const listen = (message: unknown): void => void events.push(message as LeakEvent);
  channels.leak.subscribe(listen);
  const warned = once(process, "warning");
  async function forgetful(): Promise<void> {
    await pool.acquire({ context: "report" });
    const again = await pool.acquire();
    pool.release(again);
    pool.acquire({ context: "second" });
  }
  await forgetful();
  await clock.advance(29_999);
  assert.equal(events.length, 0);
  await clock.advance(1);
  const [warning] = (await warned) as [Error & { code?: string }];
  await clock.advance(300_000);
  channels.leak.unsubscribe(listen);
  assert.deepEqual(
    events.map((event) => [event.pool, event.context, event.held]),
    [
      ["porg", "report", 30_000],
      ["porg", "second", 30_000],
    ],
  );
  assert.match(events[1]?.stack ?? "", /forgetful.*holders\.test\.ts/);
  assert.deepEqual([warning.name, warning.code], ["PoolLeakWarning", "POOL_LEAK"]);
  assert.match(
    warning.message,
    /^A connection of pool "porg" has been held for 30\.0 s by report, longer than/,
  );
  assert.equal(pool.stats().leaks, 2);
});

test("with leak detection on, exhaustion names who holds the connections and where they were taken", async () => {
  const { pool, clock } = rig({ leakTimeout: 30, maxConnections: 2 });
  pool.release(await pool.acquire());
  function taker(): void {
    pool.acquire({ context: "export" });
  }
  taker();
  await clock.advance(2000);
  await pool.acquire();
  await assert.rejects(
    async () => pool.acquire(),
    (error) => {
      assert.ok(error instanceof MaxConnectionsExceededError);
      assert.match(
        error.message,
        /The longest loan is 2\.0 s old \(export\)\. The holders:\n {2}held for 2\.0 s, taken\n.*taker/,
      );
      assert.deepEqual(
        error.holders.map((holder) => [holder.age, holder.context]),
        [
          [2000, "export"],
          [0, undefined],
        ],
      );
      return true;
    },
  );
});

test("who had to wait for a connection, or for one to be opened, is named with the place where it asked", async () => {
  const { pool, resource, clock } = rig({ leakTimeout: 30, maxConnections: 1, timeout: 5 });
  const door = gate();
  resource.opens = () => door.promise;
  const holders = async (): Promise<readonly Holder[]> => {
    const refused = watch(pool.acquire());
    await clock.advance(5000);
    assert.ok(refused.error instanceof MaxConnectionsExceededError);
    return refused.error.holders;
  };
  function opener() {
    return pool.acquire();
  }
  function waiter() {
    return pool.acquire();
  }
  const opened = opener();
  door.open();
  const loan = await opened;
  assert.match((await holders())[0]?.stack ?? "", /opener.*holders\.test\.ts/);
  const waiting = waiter();
  pool.release(loan);
  await waiting;
  assert.match((await holders())[0]?.stack ?? "", /waiter.*holders\.test\.ts/);
});

test("stacks are recorded for a hundred loans a second at most", async () => {
  const { pool, clock } = rig({ leakTimeout: 30, maxConnections: 500, connectConcurrency: 500 });
  await loans(pool, 250);
  await clock.advance(1000);
  await loans(pool, 1);
  clock.time += 1;
  const refused = watch(Promise.all(Array.from({ length: 250 }, () => pool.acquire())));
  await settle();
  const holders = (refused.error as MaxConnectionsExceededError).holders;
  const traced = holders.filter((holder) => holder.stack !== undefined).length;
  assert.ok(traced >= 101 && traced <= 201, `${traced} stacks`);
});

test("a subscriber hears of each event with the counts, and may use the pool meanwhile", async () => {
  const { pool, resource, clock } = rig({ maxConnections: 1, timeout: 1 }, { name: "told" });
  const heard: [string, Record<string, unknown>][] = [];
  const listeners = Object.entries(channels).map(([name, channel]) => {
    const listen = (message: unknown): void => {
      const event = message as Record<string, unknown>;
      if (event.pool === "told") heard.push([name, event]);
      pool.stats();
    };
    channel.subscribe(listen);
    return () => channel.unsubscribe(listen);
  });
  const door = gate();
  resource.opens = () => door.promise;
  const first = pool.acquire({ context: "a" });
  await clock.advance(40);
  door.open();
  const loan = await first;
  const waiter = watch(pool.acquire({ context: "b" }));
  await clock.advance(1000);
  assert.equal(waiter.state, "rejected");
  await pool.destroy(loan);
  for (const stop of listeners) stop();
  assert.deepEqual(
    heard.map(([name]) => name),
    ["wait", "connect", "acquire", "wait", "timeout", "release", "close"],
  );
  const event = (name: string): Record<string, unknown> | undefined => heard.find(([n]) => n === name)?.[1];
  assert.deepEqual([event("connect")?.took, event("connect")?.error], [40, undefined]);
  assert.deepEqual(
    [event("acquire")?.waited, event("acquire")?.context, event("acquire")?.inUse],
    [40, "a", 1],
  );
  assert.deepEqual([event("timeout")?.waited, event("timeout")?.why], [1000, "timeout"]);
  assert.equal(event("release")?.held, 1000);
  assert.deepEqual([event("close")?.why, event("close")?.age], ["manual", 1000]);
});

test("a subscriber that takes and gives back a connection itself breaks nothing", async () => {
  const { pool, resource } = rig({ maxConnections: 2, timeout: 0 });
  let nested = 0;
  const listen = (): void => {
    if (nested++ > 0) return;
    Promise.resolve(pool.acquire()).then((loan) => pool.release(loan));
  };
  channels.acquire.subscribe(listen);
  const loan = await pool.acquire();
  await settle();
  channels.acquire.unsubscribe(listen);
  await pool.release(loan);
  await settle();
  assert.ok(nested >= 2);
  assert.deepEqual([pool.stats().inUse, pool.stats().idle, resource.most], [0, 2, 2]);
});

test("stats is a plain picture of the moment, and counts since the start", async () => {
  const { pool } = rig({ maxConnections: 2 });
  const [a, b] = await loans(pool, 2);
  assert.ok(a && b);
  await assert.rejects(async () => pool.acquire());
  pool.release(a);
  await pool.destroy(b);
  assert.deepEqual(pool.stats(), {
    max: 2,
    min: 0,
    open: 1,
    idle: 1,
    inUse: 0,
    connecting: 0,
    closing: 0,
    waiting: 0,
    acquired: 2,
    released: 2,
    waited: 2,
    waitTime: 0,
    connects: 2,
    connectErrors: 0,
    closes: 1,
    timeouts: 0,
    refused: 1,
    aborted: 0,
    leaks: 0,
  });
});
