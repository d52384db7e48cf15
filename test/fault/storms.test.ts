import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError } from "apocryphan";
import { MaxConnectionsExceededError } from "apocryphan/pool";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import { FACTS, guestUrl, inviteGuest, openPool, SERVERS, startServer, warm } from "./support.ts";

for (const kind of SERVERS) {
  test(`${kind}: a server that accepts and closes for 3 s is asked at most 20 times, and service resumes by itself`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    const db = openPool(kind, t, {
      url: proxy.through(guestUrl(kind, server.url)),
      maxConnections: 50,
      timeout: "60s",
    });
    proxy.acceptAndClose();
    const waiting = Promise.all(
      Array.from({ length: 200 }, () => db.withConnection(() => db.get("select 1 as one"))),
    );
    const began = performance.now();
    await until("3 s to pass", () => performance.now() - began >= 3000);
    assert.ok(proxy.accepted <= 20, `${proxy.accepted} connects`);
    assert.ok(proxy.accepted >= 5, "it does go on trying");
    await proxy.pass();
    assert.equal((await waiting).length, 200);
  });

  test(`${kind}: a server that is down is probed by one, and who waited in vain is told the last failure`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    const db = openPool(kind, t, {
      url: proxy.through(guestUrl(kind, server.url)),
      maxConnections: 20,
      timeout: "2s",
    });
    await warm(db, 20);
    await server.kill();
    await until("the connections to be gone", () => db.stats().open === 0);
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, db.stats().connecting);
    }, 1);
    const before = db.stats();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => db.withConnection(() => assert.fail("there is no server"))),
    );
    clearInterval(look);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, "rejected");
      assert.ok(outcome.reason instanceof MaxConnectionsExceededError, String(outcome.reason));
      assert.ok(outcome.reason.cause instanceof ConnectError);
      assert.ok(outcome.reason.waited >= 1990);
    }
    // The first few may be under way at once, before it is known that the server is down.
    const probes = db.stats().connectErrors - before.connectErrors;
    assert.ok(probes <= 4 + 2000 / 150, `${probes} attempts in 2 s`);
    assert.ok(most <= 4);
    await server.restart();
    assert.equal((await warm(db, 20)).size, 20);
  });

  test(`${kind}: without a timeout each caller is told at once, without a connect a piece`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const url = guestUrl(kind, server.url);
    await server.kill();
    const db = openPool(kind, t, { url });
    for (let i = 0; i < 50; i++)
      await assert.rejects(
        db.withConnection(() => 1),
        ConnectError,
      );
    assert.ok(db.stats().connectErrors < 20, `${db.stats().connectErrors} attempts`);
    await server.restart();
    await until("service to resume", () => db.withConnection(() => db.get("select 1 as one")));
  });

  test(`${kind}: after a restart who waits is served within 250 ms, and nobody who was not in a statement sees an error`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      maxConnections: 10,
      timeout: "60s",
      autoconnect: true,
    });
    await warm(db, 10);
    await server.kill();
    await until("the connections to be gone", () => db.stats().open === 0);
    let served = 0;
    const callers = Array.from({ length: 40 }, async (_, i) => {
      const row = await (i % 2 === 0
        ? db.withConnection(() => db.get<{ one: number }>("select 1 as one"))
        : db.get<{ one: number }>("select 1 as one"));
      served ||= performance.now();
      return row.one;
    });
    await until("the first attempts to fail", () => db.stats().connectErrors > 2);
    const restarting = server.restart();
    // The moment at which the server first lets somebody in, as an onlooker who tries all the time sees it.
    const ready = await until(
      "the server to be ready",
      () => server.exec("select 1").then(() => performance.now()),
      {
        every: 1,
        seconds: 60,
      },
    );
    assert.deepEqual(await Promise.all(callers), Array(40).fill(1));
    await restarting;
    const late = served - ready;
    t.diagnostic(`${kind}: first success ${late.toFixed(0)} ms after the server was ready`);
    assert.ok(late <= 250, `the first success came ${late} ms after the server was ready`);
    assert.equal(db.stats().timeouts + db.stats().refused, 0);
  });

  test(`${kind}: a hundred unique violations outside of a scope open one connection`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      maxConnections: 20,
      timeout: "30s",
      autoconnect: true,
    });
    await db.sql("insert into things values (1)");
    for (let i = 0; i < 100; i++) {
      await assert.rejects(db.sql("insert into things values (1)"), { kind: "unique" });
    }
    assert.equal(db.stats().connects, 1);
    assert.equal(db.stats().closes, 0);
  });

  test(`${kind}: fifty short statements at once over five warm connections open at most three more`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      maxConnections: 50,
      timeout: "30s",
      autoconnect: true,
    });
    await warm(db, 5);
    const burst = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 50 }, () => db.select(FACTS[kind].sleep(0.001))));
    await burst();
    assert.ok(db.stats().open <= 8, `${db.stats().open} open`);
  });
}
