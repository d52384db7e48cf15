import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolClosedError } from "apocryphan/pool";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import {
  FACTS,
  guestSessions,
  guestUrl,
  inviteGuest,
  openPool,
  SERVERS,
  startServer,
  warm,
} from "./support.ts";

for (const kind of SERVERS) {
  test(`${kind}: drain settles in time whatever holders do, and says how many it cut off`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    const url = guestUrl(kind, server.url);
    // Longer than the drain, so that a `begin` which the network swallows is not given up before its holder is cut off.
    const options = { maxConnections: 6, connectTimeout: "2s", timeout: "30s" };
    const near = openPool(kind, t, { url, ...options });
    const far = openPool(kind, t, { url: proxy.through(url), ...options });
    await warm(far, 4);
    await warm(near, 4);
    const ends: Promise<unknown>[] = [];
    const holder = (work: Promise<unknown>): void => {
      ends.push(
        work.then(
          () => "done",
          (error: Error) => error.name,
        ),
      );
    };
    let over: () => void = () => {};
    const never = new Promise<void>((resolve) => {
      over = resolve;
    });
    for (const db of [near, far]) {
      // One hangs in a statement, one in a transaction, one in a cursor, one does nothing at all.
      holder(db.withConnection(() => db.sql(FACTS[kind].sleep(60))));
      holder(db.withConnection(() => db.atomic(() => db.sql(FACTS[kind].sleep(60)))));
      holder(
        db.withConnection(async () => {
          for await (const _ of db.cursor(FACTS[kind].sleep(60)));
        }),
      );
      holder(db.withConnection(() => never.then(() => db.sql("select 1"))));
    }
    await until("all to hold one", () => near.stats().inUse + far.stats().inUse === 8);
    // And the network to half of them is dead.
    proxy.stall();
    const waiting = openPool(kind, t, { url, maxConnections: 1, timeout: "30s" });
    holder(waiting.withConnection(() => never));
    holder(waiting.withConnection(() => 1));
    await until("one to hold and one to wait", () => {
      const { inUse, waiting: inLine } = waiting.stats();
      return inUse === 1 && inLine === 1;
    });

    const began = performance.now();
    const results = await Promise.all([near.drain("1s"), far.drain("1s"), waiting.drain("1s")]);
    const took = performance.now() - began;
    assert.ok(took >= 990 && took < 2500, `${took} ms`);
    assert.deepEqual(results, [{ cut: 4 }, { cut: 4 }, { cut: 1 }]);
    await assert.rejects(
      near.withConnection(() => 1),
      PoolClosedError,
    );
    over();
    const outcomes = await Promise.all(ends);
    assert.deepEqual(outcomes, [...Array(8).fill("ConnectionLostError"), "done", "PoolClosedError"]);
    await proxy.pass();
  });

  test(`${kind}: drain waits for holders that end by themselves`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 4, timeout: "30s" });
    await warm(db, 4);
    const work = Promise.all(
      Array.from({ length: 4 }, () =>
        db.withConnection(() => db.atomic(() => db.select(FACTS[kind].sleep(0.3)))),
      ),
    );
    await until("all to hold one", () => db.stats().inUse === 4);
    assert.deepEqual(await db.drain("30s"), { cut: 0 });
    assert.equal((await work).length, 4);
    assert.equal(db.stats().open, 0);
    assert.equal(await guestSessions(kind, server), 0);
  });

  test(`${kind}: drain settles in time while the server is frozen or gone`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const url = guestUrl(kind, server.url);
    for (const how of ["stop", "kill"] as const) {
      const db = openPool(kind, t, { url, maxConnections: 4, connectTimeout: "1s", timeout: "30s" });
      await warm(db, 3);
      await server[how]();
      const holders = Array.from({ length: 5 }, () =>
        db
          .withConnection(() => db.sql("select 1"))
          .then(
            () => "done",
            (error: Error) => error.name,
          ),
      );
      const began = performance.now();
      await db.drain("500ms");
      const took = performance.now() - began;
      assert.ok(took < 2000, `${how}: ${took} ms`);
      if (how === "stop") await server.cont();
      for (const outcome of await Promise.all(holders)) {
        // What a frozen server had been sent it may still answer when it goes on.
        assert.match(
          outcome,
          how === "stop" ? /^(ConnectionLost|PoolClosed)Error$|^done$/ : /^(ConnectionLost|PoolClosed)Error$/,
        );
      }
      await until("the client to have nothing left", () => db.stats().open + db.stats().connecting === 0);
    }
  });
}
