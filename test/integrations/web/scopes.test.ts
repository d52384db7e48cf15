import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS } from "../../support/database.ts";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { FRAMEWORKS, start } from "./apps.ts";
import { Client } from "./clients.ts";

for (const kind of KINDS) {
  for (const framework of FRAMEWORKS) {
    test(`${framework} on ${kind}: a connection is taken at the first statement and given back at the end`, async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 4, timeout: "20s" });
      const counts: number[] = [];
      const { url } = await start(
        framework,
        db,
        {},
        async () => {
          counts.push(db.stats().inUse);
          await db.select("select 1");
          const [one, two] = [db.conn.raw, (await db.connect()).raw];
          counts.push(db.stats().inUse);
          await db.withConnection(async (conn) => assert.equal(conn.raw, one));
          return { body: String(one === two) };
        },
        t,
      );
      assert.equal(await (await fetch(url)).text(), "true");
      await until("the connection to be back", () => db.stats().inUse === 0);
      assert.deepEqual(counts, [0, 1]);
    });
  }
}

for (const framework of FRAMEWORKS) {
  test(`${framework}: a request without a statement takes none`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 4, timeout: "20s" });
    const { url } = await start(framework, db, { transaction: true }, () => ({ body: "nothing" }), t);
    assert.equal(await (await fetch(url)).text(), "nothing");
    assert.equal(db.stats().acquired, 0);
  });

  test(`${framework}: requests side by side have a connection each`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 4, timeout: "20s" });
    const seen: unknown[] = [];
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await db.select("select 1");
        seen.push(db.conn.raw);
        await until("all to be there", () => seen.length === 3);
        await db.select("select 2");
        return { body: String(seen.includes(db.conn.raw)) };
      },
      t,
    );
    const texts = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
    assert.deepEqual(texts, ["true", "true", "true"]);
    assert.equal(new Set(seen).size, 3);
  });

  test(`${framework}: statements side by side in one request share its connection`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 4, timeout: "20s" });
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await Promise.all([db.select("select 1"), db.select("select 2"), db.connect()]);
        return { body: String(db.stats().inUse) };
      },
      t,
    );
    assert.equal(await (await fetch(url)).text(), "1");
  });

  test(`${framework}: db.close() gives the connection back early, and the next statement takes one again`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 1, timeout: "20s" });
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        const told: unknown[] = [await db.close()];
        await db.select("select 1");
        told.push(await db.close(), db.stats().inUse, await db.close());
        await db.select("select 1");
        told.push(db.stats().inUse);
        return { body: told.join() };
      },
      t,
    );
    assert.equal(await (await fetch(url)).text(), "false,true,0,false,1");
    await until("the connection to be back", () => db.stats().inUse === 0);
  });

  test(`${framework}: a request that found no connection free can try again`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 1 });
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        const code = await db.select("select 1").catch((error) => error.code);
        await holder.close();
        return { body: `${code} ${(await db.select("select 1 as one")).length}` };
      },
      t,
    );
    const holder = await db.connect();
    assert.equal(await (await fetch(url)).text(), "POOL_EXHAUSTED 1");
  });

  test(`${framework}: work that outlives its request is refused, or runs in a context of its own`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 4, timeout: "20s" });
    const told: unknown[] = [];
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await db.select("select 1");
        const late = async (): Promise<void> => {
          await until("the end of the request", () => db.stats().inUse === 0);
          told.push(await db.select("select 1").catch((error) => error.code));
          told.push(await db.withConnection(() => db.select("select 1 as one")).then((rows) => rows.length));
        };
        late();
        return { body: "sent" };
      },
      t,
    );
    assert.equal(await (await fetch(url)).text(), "sent");
    await until("the late work", () => told.length === 2);
    assert.deepEqual(told, ["REQUEST_ENDED", 1]);
  });

  test(`${framework}: with autoconnect, what comes after the response takes a connection by itself`, async (t) => {
    const db = await openPooled("sqlite", t, { autoconnect: true, maxConnections: 4, timeout: "20s" });
    const told: unknown[] = [];
    const { url } = await start(
      framework,
      db,
      {},
      async () => {
        await db.select("select 1");
        const late = async (): Promise<void> => {
          await until("the end of the request", () => db.stats().inUse === 0);
          told.push((await db.select("select 1")).length);
        };
        late();
        return { body: "sent" };
      },
      t,
    );
    await (await fetch(url)).text();
    await until("the late work", () => told.length === 1);
    assert.deepEqual(told, [1]);
  });

  test(`${framework}: the body is read inside the request's context`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 4, timeout: "20s" });
    const { url } = await start(
      framework,
      db,
      {},
      async ({ body }) => ({ body: `${body.length} ${(await db.select("select 1")).length}` }),
      t,
    );
    const sent = "x".repeat(80_000);
    assert.equal(await (await fetch(url, { method: "POST", body: sent })).text(), "80000 1");
  });

  test(`${framework}: a client that leaves a request without a statement costs nothing`, async (t) => {
    const db = await openPooled("sqlite", t, { maxConnections: 1, timeout: "20s" });
    let there = 0;
    let left = false;
    const { url } = await start(
      framework,
      db,
      {},
      async ({ path }) => {
        there++;
        if (path === "/wait") await until("the client to leave", () => left);
        return { body: "sent" };
      },
      t,
    );
    const client = new Client(`${url}/wait`);
    await until("the request", () => there === 1);
    client.leave();
    left = true;
    assert.equal(await (await fetch(`${url}/other`)).text(), "sent");
    assert.equal(db.stats().acquired, 0);
  });
}
