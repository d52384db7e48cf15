import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { DONE, GO, type Order } from "./killer.ts";
import { guestUrl, inviteGuest, openPool, SERVERS, startServer, warm } from "./support.ts";

for (const kind of SERVERS) {
  test(`${kind}: of twenty connections that the server closed while the event loop was blocked, none is lent`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 20, timeout: "30s" });
    const dead = await warm(db, 20);
    assert.equal(dead.size, 20);
    const word = new Int32Array(new SharedArrayBuffer(4));
    const order: Order = { kind, url: server.url, word };
    const killer = new Worker(new URL("killer.ts", import.meta.url), { workerData: order });
    t.after(() => killer.terminate());
    await once(killer, "message");

    const until = performance.now() + 2000;
    Atomics.store(word, 0, GO);
    Atomics.notify(word, 0);
    Atomics.wait(word, 0, GO, 60_000);
    assert.equal(word[0], DONE);
    while (performance.now() < until);
    // In the same turn: nothing of what the network had to say was heard yet.
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        db.withConnection(async ({ raw }) => {
          assert.ok(!dead.has(raw), "a dead connection was lent");
          return db.get<{ one: number }>("select 1 as one");
        }),
      ),
    );
    assert.deepEqual(answers, Array(20).fill({ one: 1 }));
  });

  test(`${kind}: nor is one of a server that was killed meanwhile and is up again`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 5, timeout: "30s" });
    const dead = await warm(db, 5);
    await server.kill();
    await server.restart();
    for (const raw of await warm(db, 5)) assert.ok(!dead.has(raw));
  });
}
