import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionClosedError, ConnectionLostError } from "apocryphan";
import type { FaultPool } from "./support.ts";
import { guestSessions, guestUrl, inviteGuest, openPool, SERVERS, startServer } from "./support.ts";

type Handle = Awaited<ReturnType<FaultPool["connect"]>>;

/** Ways to end a connection; each may come at any moment, and twice. */
const ENDINGS: Record<string, (db: FaultPool, handle: Handle) => Promise<unknown>> = {
  dispose: (_db, handle) => handle[Symbol.asyncDispose](),
  handle: (_db, handle) => handle.close(),
  close: (db) => db.close(),
  manualClose: (db) => db.manualClose(),
  closeStale: (db) => db.closeStale("1ms"),
  closeIdle: (db) => db.closeIdle(),
  closeAll: (db) => db.closeAll(),
};

/** All sequences of `length` endings. */
function sequences(length: number): string[][] {
  if (length === 0) return [[]];
  return sequences(length - 1).flatMap((rest) => Object.keys(ENDINGS).map((name) => [...rest, name]));
}

for (const kind of SERVERS) {
  test(`${kind}: a connection may be ended in every way, in every order, twice and at once`, async (t) => {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const db = openPool(kind, t, { url: guestUrl(kind, server.url), maxConnections: 3, timeout: "10s" });
    /** Whose connection it is at this moment. */
    const holders = new Map<unknown, string>();
    const run = async (
      names: readonly string[],
      how: "in turn" | "at once",
      busy: boolean,
    ): Promise<void> => {
      const label = `${names.join(", ")} ${how}${busy ? ", under a statement" : ""}`;
      const handle = await db.connect();
      const { raw } = handle;
      const held = holders.get(raw);
      assert.equal(held, undefined, `${label} got the connection of ${held}`);
      holders.set(raw, label);
      const statement = busy
        ? handle.sql("select 1").then(
            () => "done",
            (error: Error) => error.name,
          )
        : Promise.resolve("done");
      holders.delete(raw);
      if (how === "in turn") for (const name of names) await ENDINGS[name]?.(db, handle);
      else await Promise.all(names.map((name) => ENDINGS[name]?.(db, handle)));
      // Who closes the connection under a statement of its own cancels it; from everybody else it is taken away.
      const own = names.includes("manualClose") ? "|DatabaseError" : "";
      assert.match(await statement, new RegExp(`^(done|ConnectionLostError${own})$`), label);
      const ends = names.some((name) => name !== "closeIdle" && name !== "closeStale");
      if (!ends) await handle.close();
      await assert.rejects(handle.sql("select 1"), (error: unknown) => {
        assert.ok(error instanceof ConnectionClosedError || error instanceof ConnectionLostError, label);
        return true;
      });
      const { inUse, open } = db.stats();
      assert.equal(inUse, 0, `${label} left ${inUse} in use`);
      assert.ok(open <= 3);
    };
    for (const names of [...sequences(1), ...sequences(2)]) {
      for (const how of ["in turn", "at once"] as const) {
        for (const busy of [false, true]) await db.context(() => run(names, how, busy));
      }
    }
    for (const names of sequences(3)) await db.context(() => run(names, "at once", false));

    // Many at once: whoever holds a connection holds it alone.
    const owners = new Map<unknown, number>();
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        db.context(async () => {
          const names = [Object.keys(ENDINGS)[i % 4] ?? "", Object.keys(ENDINGS)[(i * 5) % 4] ?? ""];
          const handle = await db.connect();
          const { raw } = handle;
          assert.equal(owners.get(raw), undefined, "handed out twice");
          owners.set(raw, i);
          await handle.sql("select 1");
          owners.delete(raw);
          await Promise.all(names.map((name) => ENDINGS[name]?.(db, handle)));
        }),
      ),
    );
    assert.equal(db.stats().inUse, 0);
    await db.closeAll();
    await db.closeAll();
    assert.equal(db.stats().open, 0);
    assert.equal(await guestSessions(kind, server), 0);
  });
}
