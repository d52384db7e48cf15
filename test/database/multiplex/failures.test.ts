import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConnectionLostError, DatabaseError, OptionError } from "apocryphan";
import { MaxConnectionsExceededError, PoolClosedError } from "apocryphan/pool";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";

const KIND = "postgresql";
const SETUP = { autoconnect: true, timeout: "20s", maxConnections: 3 } as const;

describe("a failure among statements that share a connection", () => {
  test("is its own statement's alone", async (t) => {
    const db = await openPooled(KIND, t, SETUP);
    const good = (n: number) => db.get<{ n: number }>("select $1::int as n", [n]);
    const bad = (n: number) => db.get<{ n: number }>("select 1 / $1::int as n", [n]);
    for (let i = 1; i < 10; i++) {
      await good(i);
      await bad(i);
    }
    const answers = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? bad(0) : n % 3 === 1 ? good(n) : bad(1))),
    );
    answers.forEach((answer, n) => {
      if (n % 3 === 0) {
        assert.ok(answer.status === "rejected" && answer.reason instanceof DatabaseError);
        assert.equal(answer.reason.sqlState, "22012");
      } else {
        assert.ok(answer.status === "fulfilled");
        assert.deepEqual(answer.value, { n: n % 3 === 1 ? n : 1 });
      }
    });
    assert.equal(db.stats().closes, 0);
  });

  test("is told to each of those that were sent with it, in its own words", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      const answers = await Promise.allSettled(
        Array.from({ length: 10 }, () => db.select("select x from nowhere")),
      );
      for (const answer of answers) {
        assert.ok(answer.status === "rejected" && answer.reason instanceof DatabaseError);
        assert.equal(answer.reason.sqlState, "42P01");
        assert.match(answer.reason.message, /nowhere/);
      }
    }
    // And it works as soon as the table is there.
    await db.sql("create table nowhere (x int)");
    assert.deepEqual(await db.select("select x from nowhere"), []);
  });

  test("is named before anything is sent where a value can't be sent", async (t) => {
    const db = await openPooled(KIND, t, SETUP);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await assert.rejects(db.select("select $1::json", [circle]));
    await assert.rejects(db.select("select $1::int", [undefined]), OptionError);
    assert.deepEqual(await db.get("select 1 as n"), { n: 1 });
    assert.equal(db.stats().inUse, 0);
  });

  test("of the connection is told to all that were under way on it, and to nobody else", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 2, minConnections: 2 });
    await until("both connections are there", () => db.stats().idle === 2);
    const nap = () => db.get<{ n: number }>("select 1 as n, pg_sleep(0.3)");
    const napping = [nap(), nap()];
    const settled = Promise.allSettled(napping);
    const pid = await until("both are under way", async () => {
      const rows = await db.fresh.exec<{ pid: number }>(
        "select pid from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep(0.3)%' and pid <> pg_backend_pid()",
      );
      return rows.length === 2 && rows[0]?.pid;
    });
    await db.fresh.exec("select pg_terminate_backend($1)", [pid]);
    const answers = await settled;
    const lost = answers.filter(({ status }) => status === "rejected");
    assert.equal(lost.length, 1);
    assert.ok(lost[0]?.status === "rejected" && lost[0].reason instanceof ConnectionLostError);
    assert.deepEqual(await db.get("select 2 as n"), { n: 2 });
  });
});

describe("statements that share connections, and the pool around them", () => {
  test("closeAll answers each of them, and the pool goes on", async (t) => {
    const db = await openPooled(KIND, t, SETUP);
    const all = Array.from({ length: 10 }, () => db.select("select pg_sleep(10)"));
    const settled = Promise.allSettled(all);
    await until(
      "some are under way, and some wait",
      () => db.stats().inUse === 3 && db.stats().waiting === 7,
    );
    await db.closeAll();
    for (const answer of await settled) {
      assert.ok(answer.status === "rejected");
      assert.ok(answer.reason instanceof ConnectionLostError || answer.reason instanceof PoolClosedError);
    }
    assert.deepEqual(await db.get("select 1 as n"), { n: 1 });
  });

  test("drain lets those finish that are under way, and refuses new ones", async (t) => {
    const db = await openPooled(KIND, t, SETUP);
    await db.get("select 1 as n");
    const under = db.get<{ n: number }>("select 5 as n, pg_sleep(0.2)");
    await until("it is under way", () => db.stats().inUse === 1);
    const drained = db.drain("10s");
    await assert.rejects(db.get("select 1 as n"), PoolClosedError);
    assert.equal((await under).n, 5);
    assert.deepEqual(await drained, { cut: 0 });
  });

  test("a timeout, and a line that is full, are told as to any other caller", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1, timeout: "500ms", maxWaiting: 2 });
    await db.withConnection(async () => {
      const outside = () => db.context(() => db.select("select 1"));
      const answers = await Promise.allSettled([outside(), outside(), outside()]);
      for (const answer of answers) {
        assert.ok(answer.status === "rejected" && answer.reason instanceof MaxConnectionsExceededError);
      }
    });
    assert.deepEqual(await db.get("select 1 as n"), { n: 1 });
    assert.equal(db.stats().waiting, 0);
  });

  test("who wants a connection to hold gets one although statements never cease", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    let going = true;
    const loops = Array.from({ length: 20 }, async () => {
      while (going) await db.select("select 1");
    });
    await until("they are at it", () => db.stats().acquired > 0);
    for (let i = 0; i < 5; i++) {
      const rows = await db.context(() => db.withConnection((conn) => conn.select("select 2 as n")));
      assert.deepEqual(rows, [{ n: 2 }]);
    }
    going = false;
    await Promise.all(loops);
  });

  test("a connection that is always busy with them is renewed all the same when it is stale", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1, staleTimeout: "300ms" });
    const seen = new Set<number>();
    let going = true;
    const loops = Array.from({ length: 5 }, async () => {
      while (going) seen.add((await db.get<{ pid: number }>("select pg_backend_pid() as pid")).pid);
    });
    await until("a second connection serves them", () => seen.size >= 3);
    going = false;
    await Promise.all(loops);
  });
});
