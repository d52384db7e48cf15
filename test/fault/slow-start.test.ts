import assert from "node:assert/strict";
import { test } from "node:test";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import { guestSessions, guestUrl, inviteGuest, openPool, SERVERS, startServer } from "./support.ts";

for (const kind of SERVERS) {
  test(`${kind}: a server that first refuses, then accepts and says nothing, then works serves all who waited`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    await proxy.refuse();
    const db = openPool(kind, t, {
      url: proxy.through(guestUrl(kind, server.url)),
      maxConnections: 10,
      connectTimeout: "300ms",
      timeout: "60s",
    });
    const waiting = Promise.all(
      Array.from({ length: 50 }, () => db.withConnection(() => db.get("select 1 as one"))),
    );
    await until("some refusals", () => db.stats().connectErrors >= 3);
    proxy.stall();
    await proxy.listen();
    await until("some silence", () => db.stats().connectErrors >= 6);
    await proxy.pass();
    assert.deepEqual(await waiting, Array(50).fill({ one: 1 }));
    await until(
      "server and client to count the same",
      async () => (await guestSessions(kind, server)) === db.stats().open,
    );
  });

  test(`${kind}: minConnections are opened by themselves when a server comes up later`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    await server.kill();
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      maxConnections: 10,
      minConnections: 3,
    });
    await until("the first attempts to fail", () => db.stats().connectErrors >= 2);
    await server.restart();
    await until("three to be there", () => db.stats().idle === 3);
    assert.equal(db.stats().open, 3);
    await server.kill();
    await until("them to be gone", () => db.stats().open === 0);
    await server.restart();
    await until("three to be there again", () => db.stats().idle === 3);
  });
}
