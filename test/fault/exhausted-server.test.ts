import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError } from "apocryphan";
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

/** How many guests the servers have room for; MariaDB takes no lower limit. */
const ROOM = { postgresql: 6, mysql: 10 };
const SETTINGS = {
  postgresql: {
    max_connections: 10,
    superuser_reserved_connections: 10 - ROOM.postgresql,
    max_wal_senders: 0,
    reserved_connections: 0,
  },
  mysql: { "max-connections": ROOM.mysql },
};
const CODE = { postgresql: "53300", mysql: "ER_CON_COUNT_ERROR|08004|1040" };

for (const kind of SERVERS) {
  test(`${kind}: a server without a connection left (53300, 1040) costs nobody who can wait anything but time`, async (t) => {
    const server = await startServer(kind, t, SETTINGS[kind]);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, {
      url: guestUrl(kind, server.url),
      // More than the server has.
      maxConnections: 20,
      timeout: "60s",
    });
    const rows = await Promise.all(
      Array.from({ length: 60 }, () =>
        db.withConnection(async () => {
          await db.sql(FACTS[kind].sleep(0.02));
          return db.get<{ one: number }>("select 1 as one");
        }),
      ),
    );
    assert.deepEqual(rows, Array(60).fill({ one: 1 }));
    assert.ok(db.stats().connectErrors > 0, "the server did run out");
    assert.ok(db.stats().open <= ROOM[kind]);
    await until(
      "server and client to count the same",
      async () => (await guestSessions(kind, server)) === db.stats().open,
    );
  });

  test(`${kind}: who can't wait is told that the server has no connection left`, async (t) => {
    const server = await startServer(kind, t, SETTINGS[kind]);
    await inviteGuest(kind, server);
    const url = guestUrl(kind, server.url);
    const greedy = openPool(kind, t, { url, maxConnections: ROOM[kind], timeout: "10s" });
    await warm(greedy, ROOM[kind]);
    const db = openPool(kind, t, { url });
    await assert.rejects(
      db.withConnection(() => 1),
      (error: unknown) => {
        assert.ok(error instanceof ConnectError);
        assert.match(error.message, /the server has no connection left/);
        assert.match(error.message, new RegExp(CODE[kind]));
        return true;
      },
    );
    await greedy.closeAll();
    await until("a connection", () => db.withConnection(() => db.get("select 1 as one")));
  });
}
