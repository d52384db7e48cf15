import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, StatementTimeoutError } from "apocryphan";
import { MaxConnectionsExceededError } from "apocryphan/pool";
import { until } from "../support/wait.ts";
import { guestSessions, guestUrl, inviteGuest, openPool, SERVERS, startServer, warm } from "./support.ts";

for (const kind of SERVERS) {
  test(`${kind}: a frozen server (SIGSTOP) holds nobody longer than was agreed, and nothing is lost when it goes on`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      maxConnections: 4,
      connectTimeout: "500ms",
      timeout: "1s",
    });
    await warm(db, 2);
    await server.stop();
    const began = performance.now();
    const took = (): number => performance.now() - began;
    // One has no limit and simply waits; the other's limit holds although even cancelling gets no answer.
    const patient = db.withConnection(() => db.get("select 1 as one"));
    let answered = 0;
    const limited = db.withConnection(async () => {
      await assert.rejects(db.get("select 1", { timeout: "300ms" }), StatementTimeoutError);
      answered = took();
    });
    // A third needs a new connection, and gets the reason why there is none.
    const third = assert.rejects(
      db.withConnection(() => 1),
      (error: unknown) => {
        assert.ok(error instanceof MaxConnectionsExceededError, String(error));
        assert.ok(error.cause instanceof ConnectError);
        return true;
      },
    );
    await Promise.all([limited, third]);
    assert.ok(answered >= 290 && answered < 1500, `${answered} ms`);
    await server.cont();
    assert.deepEqual(await patient, { one: 1 });
    assert.equal((await warm(db, 4)).size, 4);
    await until(
      "server and client to count the same",
      async () => (await guestSessions(kind, server)) === db.stats().open,
    );
    await db.closeAll();
    await until("the server to have no session", async () => (await guestSessions(kind, server)) === 0);
  });

  test(`${kind}: everything that was sent to a frozen server is answered when it goes on`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 3, timeout: "60s" });
    const before = await warm(db, 3);
    await server.stop();
    const work = Array.from({ length: 30 }, (_, i) =>
      db.withConnection(async ({ raw }) => {
        assert.ok(before.has(raw));
        return db.atomic(() => db.sql(`insert into things values (${i})`));
      }),
    );
    await until("the connections to be in use", () => db.stats().inUse === 3);
    await server.cont();
    await Promise.all(work);
    assert.equal(db.stats().connects, 3);
    assert.equal((await db.withConnection(() => db.select("select * from things"))).length, 30);
  });
}
