import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ConnectError, StatementTimeoutError, sql } from "apocryphan";
import type { PooledOptions } from "apocryphan/pool";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import {
  CLIENTS,
  guestSessions,
  guestUrl,
  inviteGuest,
  openPool,
  type ServerKind,
  startServer,
  warm,
} from "./support.ts";

async function behindProxy(kind: ServerKind, t: TestContext, options: PooledOptions) {
  const server = await startServer(kind, t);
  await inviteGuest(kind, server);
  const proxy = await startProxy(server.url);
  t.after(() => proxy[Symbol.asyncDispose]());
  const db = openPool(kind, t, { url: proxy.through(guestUrl(kind, server.url)), ...options });
  return { server, proxy, db };
}

for (const { kind, client } of CLIENTS) {
  test(`${client}: a connect that gets no answer ends after connectTimeout and leaves nothing behind`, async (t) => {
    const { server, proxy, db } = await behindProxy(kind, t, { client, connectTimeout: "400ms" });
    proxy.stall();
    const began = performance.now();
    await assert.rejects(
      db.withConnection(() => 1),
      (error: unknown) => error instanceof ConnectError && /no answer within 400 ms/.test(error.message),
    );
    const took = performance.now() - began;
    assert.ok(took >= 390 && took < 3000, `${took} ms`);
    assert.equal(db.stats().connecting + db.stats().closing, 0);
    await proxy.pass();
    await until("the server to have no session", async () => (await guestSessions(kind, server)) === 0);
    assert.deepEqual(await db.withConnection(() => db.get("select 1 as one")), { one: 1 });
  });

  test(`${client}: an idle connection that died in silence is found out by keepalive`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 3,
      connectTimeout: "300ms",
      keepalive: "100ms",
    });
    const dead = await warm(db, 3);
    proxy.halfOpen();
    await until("all three to be closed", () => db.stats().closes >= 3 && db.stats().open === 0);
    await db.withConnection(async ({ raw }) => {
      assert.ok(!dead.has(raw));
      assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
    });
  });

  test(`${client}: with validate one that died in silence is never lent`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 2,
      connectTimeout: "300ms",
      validate: "always",
      timeout: "20s",
    });
    const dead = await warm(db, 2);
    proxy.halfOpen();
    await db.withConnection(async ({ raw }) => {
      assert.ok(!dead.has(raw));
      assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
    });
  });

  test(`${client}: a statement's timeout answers in time where nobody does, and its place becomes free`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 1,
      connectTimeout: "2s",
      timeout: "20s",
      autoconnect: true,
    });
    const limit = { timeout: "200ms" };
    const all = () => db.select("select 1", limit);
    const one = async () => {
      for await (const _ of db.cursor("select 1", limit)) assert.fail("there is no row");
    };
    const prepared = async () => {
      for await (const _ of db.cursor(sql`select ${1}`, limit)) assert.fail("there is no row");
    };
    const ways = [
      { how: "in a scope", scoped: true, ask: all },
      { how: "outside a scope", scoped: false, ask: all },
      { how: "a cursor in a scope", scoped: true, ask: one },
      { how: "a cursor outside a scope", scoped: false, ask: one },
      { how: "a cursor with a value in a scope", scoped: true, ask: prepared },
    ];
    for (const { how, scoped, ask } of ways) {
      await warm(db, 1);
      proxy.halfOpen();
      const began = performance.now();
      let answered = 0;
      const hung = async (): Promise<void> => {
        await assert.rejects(ask(), StatementTimeoutError);
        answered = performance.now() - began;
      };
      await (scoped ? db.withConnection(hung) : hung());
      assert.ok(answered < 1500, `${how} the answer took ${answered} ms`);
      assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
      const took = performance.now() - began;
      // The connectTimeout once, for the cancelling; the farewell is not waited for as well.
      assert.ok(took < 3900, `${how} it took ${took} ms until the pool could serve again`);
    }
  });

  test(`${client}: an aborted statement is answered while everything stalls, the cancelling too`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 1,
      connectTimeout: "400ms",
      timeout: "20s",
      autoconnect: true,
    });
    await warm(db, 1);
    proxy.stall();
    const began = performance.now();
    const signal = AbortSignal.timeout(200);
    await assert.rejects(db.select("select 1", { signal }), { name: "AbortError" });
    const took = performance.now() - began;
    assert.ok(took < 1500, `the answer took ${took} ms`);
    await proxy.pass();
    assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
  });

  test(`${client}: so is a cursor`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 1,
      connectTimeout: "400ms",
      timeout: "20s",
      autoconnect: true,
    });
    for (const how of ["in a scope", "outside a scope"] as const) {
      await warm(db, 1);
      proxy.stall();
      const began = performance.now();
      let took = 0;
      const read = async (): Promise<void> => {
        await assert.rejects(async () => {
          for await (const _ of db.cursor("select 1", { timeout: "200ms" })) assert.fail("there is no row");
        }, StatementTimeoutError);
        took = performance.now() - began;
      };
      await (how === "in a scope" ? db.withConnection(read) : read());
      assert.ok(took < 1500, `${how} the answer took ${took} ms`);
      await proxy.pass();
      assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
    }
  });

  test(`${client}: a transaction that nobody answers ends when it can't be begun or rolled back`, async (t) => {
    const { proxy, db } = await behindProxy(kind, t, {
      client,
      maxConnections: 1,
      connectTimeout: "400ms",
      timeout: "20s",
      autoconnect: true,
    });
    const reason = new Error("changed its mind");
    const begin = (): Promise<void> => {
      proxy.stall();
      return assert.rejects(
        db.atomic(() => db.select("select 1")),
        { name: "ConnectionLostError" },
      );
    };
    const ways = {
      // PostgreSQL's goes with the block's first statement, and ends as that does.
      ...(kind === "mysql" ? { begin } : {}),
      rollback: () =>
        assert.rejects(
          db.atomic(async () => {
            await db.select("select 1");
            proxy.stall();
            throw reason;
          }),
          reason,
        ),
    };
    for (const [how, fails] of Object.entries(ways)) {
      await warm(db, 1);
      const began = performance.now();
      await fails();
      const took = performance.now() - began;
      assert.ok(took > 390 && took < 3000, `${how} took ${took} ms`);
      await proxy.pass();
      assert.deepEqual(await db.get("select 1 as one"), { one: 1 });
    }
  });
}
