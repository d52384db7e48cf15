import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, MySQLDatabase, PostgreSQLDatabase } from "apocryphan";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import { guestSessions, guestUrl, inviteGuest, openPool, SERVERS, startServer } from "./support.ts";

/** Each chunk takes that long, so that a handshake has stages to be given up in. Milliseconds. */
const DELAY = 8;

for (const kind of SERVERS) {
  test(`${kind}: a connect that is given up leaves nothing on the server, at whatever stage it was`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    proxy.delay(DELAY);
    const url = proxy.through(guestUrl(kind, server.url));
    const Plain = kind === "postgresql" ? PostgreSQLDatabase : MySQLDatabase;
    const ways = { opened: 0, aborted: 0, timedOut: 0, closed: 0, cut: 0 };
    const nothingLeft = async (): Promise<void> => {
      await until("the proxy to have no connection", () => proxy.open === 0);
      await until("the server to have no session", async () => (await guestSessions(kind, server)) === 0);
    };

    // By the caller's signal, a little later each time, until the connect is done before it.
    for (let ms = 0; ways.opened < 3; ms += 3) {
      const db = new Plain({ url });
      await db
        .withConnection(() => ways.opened++, { signal: AbortSignal.timeout(ms) })
        .catch((error) => {
          assert.equal(error.name, "AbortError");
          ways.aborted++;
        });
    }
    await nothingLeft();

    // By connectTimeout, likewise; the pool's counts say the same as the server's.
    ways.opened = 0;
    for (let ms = 5; ways.opened < 3; ms += 5) {
      const db = openPool(kind, t, { url, connectTimeout: `${ms}ms` });
      await db
        .withConnection(() => ways.opened++)
        .catch((error: unknown) => {
          assert.ok(error instanceof ConnectError, String(error));
          ways.timedOut++;
        });
      await db.closeAll();
      assert.deepEqual([db.stats().open, db.stats().connecting, db.stats().closing], [0, 0, 0]);
    }
    await nothingLeft();

    // By closing the pool under it.
    ways.opened = 0;
    for (let ms = 0; ways.opened < 3; ms += 5) {
      const db = openPool(kind, t, { url, timeout: "30s" });
      const work = db.withConnection(() => ways.opened++);
      const closed = work.then(
        () => {},
        (error: Error) => {
          assert.match(error.name, /^(PoolClosedError|ConnectionLostError)$/);
          ways.closed++;
        },
      );
      await new Promise((resolve) => setTimeout(resolve, ms));
      await db.closeAll();
      await closed;
      assert.deepEqual([db.stats().open, db.stats().connecting, db.stats().closing], [0, 0, 0]);
    }
    await nothingLeft();

    // By a network that breaks in the middle of the server's words.
    proxy.delay(0);
    ways.opened = 0;
    for (let bytes = 0; ways.opened < 3; bytes += 16) {
      const db = openPool(kind, t, { url });
      proxy.resetAfter(bytes);
      await db
        .withConnection(() => ways.opened++)
        .catch((error: unknown) => {
          assert.ok(error instanceof ConnectError, String(error));
          ways.cut++;
        });
      await proxy.pass();
      await db.closeAll();
    }
    await nothingLeft();
    for (const [way, times] of Object.entries(ways)) assert.ok(times >= 3, `${way}: ${times}`);
  });

  test(`${kind}: a function that never gives the password ends with the connect it was asked for`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const { hostname: host, port, username: user, password } = new URL(guestUrl(kind, server.url));
    const database = kind === "postgresql" ? "postgres" : "test";
    let asked = 0;
    const token = (): Promise<string> => (asked++ === 0 ? new Promise(() => {}) : Promise.resolve(password));
    const at = { host, port: Number(port), user, password: token, database };
    const db = openPool(kind, t, { ...at, maxConnections: 1, connectTimeout: "300ms" });
    await assert.rejects(
      db.withConnection(() => 1),
      ConnectError,
    );
    assert.deepEqual(await db.withConnection(() => db.get("select 1 as one")), { one: 1 });
    assert.equal(asked, 2);
    const failing = openPool(kind, t, { ...at, password: () => Promise.reject(new Error("no token today")) });
    await assert.rejects(
      failing.withConnection(() => 1),
      (error: unknown) => {
        assert.ok(error instanceof ConnectError);
        assert.equal((error.cause as Error).message, "no token today");
        return true;
      },
    );
  });
}
