import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS } from "../../support/database.ts";
import { contactsTable, openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { FRAMEWORKS, start } from "./apps.ts";
import { Client } from "./clients.ts";

/** Numbers, in words that all three databases take. */
const MANY =
  "with recursive n (i) as (select 1 union all select i + 1 from n where i < 900) select i from n order by i";

for (const kind of KINDS) {
  for (const framework of FRAMEWORKS) {
    test(`${framework} on ${kind}: a streamed response keeps its connection until it has ended`, async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1, timeout: "20s" });
      let goOn = false;
      async function* rows(): AsyncGenerator<string> {
        for await (const { i } of db.cursor<{ i: number }>(MANY, { batch: 50 })) {
          if (i === 500) await until("the client to have looked", () => goOn);
          yield `${i} `;
        }
        // A statement after the cursor finds the request too.
        yield `and ${(await db.select("select 1 as one")).length}`;
      }
      const { url } = await start(framework, db, {}, () => ({ body: rows() }), t);
      const client = new Client(url);
      await until("the first part", () => client.text.startsWith("1 2 3 "));
      assert.equal(db.stats().inUse, 1);
      goOn = true;
      await until("the end", () => client.end !== undefined);
      assert.equal(client.end, "whole");
      assert.ok(client.text.endsWith(" 900 and 1"), client.text.slice(-40));
      await until("the connection to be back", () => db.stats().inUse === 0);
    });

    test(`${framework} on ${kind}: a client that leaves a streamed response gives its connection back`, async (t) => {
      const db = await openPooled(kind, t, { maxConnections: 1, timeout: "20s" });
      let ended = false;
      async function* rows(): AsyncGenerator<string> {
        try {
          for await (const { i } of db.cursor<{ i: number }>(MANY, { batch: 50 }))
            yield `${i} `.padEnd(20_000);
        } finally {
          ended = true;
        }
      }
      const { url } = await start(framework, db, {}, () => ({ body: rows() }), t);
      const client = new Client(url);
      // It does not read on, so the server has to wait in the middle.
      (await client.response).pause();
      await until("the cursor to be open", () => db.stats().inUse === 1);
      client.leave();
      await until("the connection to be back", () => db.stats().inUse === 0);
      await until("the stream to be ended", () => ended);
      assert.equal((await db.withConnection(() => db.select("select 1"))).length, 1);
    });
  }
}

for (const framework of FRAMEWORKS) {
  test(`${framework}: a transaction is committed before the end of the stream is told`, async (t) => {
    const db = await openPooled("postgresql", t, { maxConnections: 2, timeout: "20s" });
    await db.fresh.exec(contactsTable(db.dialect));
    let goOn = false;
    async function* parts(): AsyncGenerator<string> {
      yield "first ";
      await db.sql("insert into contacts (name) values ('Ada')");
      await until("the client to have looked", () => goOn);
      yield "second";
    }
    const { url } = await start(framework, db, { transaction: true }, () => ({ body: parts() }), t);
    const client = new Client(url);
    await until("the first part", () => client.text === "first ");
    assert.deepEqual(await db.fresh.exec("select name from contacts"), []);
    goOn = true;
    await until("the end", () => client.end !== undefined);
    assert.equal(client.text, "first second");
    assert.equal(client.end, "whole");
    assert.deepEqual(await db.fresh.exec("select name from contacts"), [{ name: "Ada" }]);
    await until("the connection to be back", () => db.stats().inUse === 0);
  });

  test(`${framework}: a stream whose transaction can't be committed is cut off`, async (t) => {
    const db = await openPooled("postgresql", t, { maxConnections: 2, timeout: "20s" });
    await db.fresh.exec(
      "create table later (id int primary key, before int references later deferrable initially deferred)",
    );
    const { promise: looked, resolve: look } = Promise.withResolvers<void>();
    async function* parts(): AsyncGenerator<string> {
      yield "first ";
      await looked;
      await db.sql("insert into later values (1, 2)");
      yield "second";
    }
    const { url } = await start(framework, db, { transaction: true }, () => ({ body: parts() }), t);
    const client = new Client(url);
    await until("the first part", () => client.text === "first ");
    look();
    await until("the end", () => client.end !== undefined);
    assert.equal(client.end, "cut off");
    await until("the connection to be back", () => db.stats().inUse === 0);
  });

  test(`${framework}: a stream that fails is undone, cut off, and gives its connection back`, async (t) => {
    const db = await openPooled("mysql", t, { maxConnections: 2, timeout: "20s" });
    await db.fresh.exec(contactsTable(db.dialect));
    const { promise: looked, resolve: look } = Promise.withResolvers<void>();
    async function* parts(): AsyncGenerator<string> {
      await db.sql("insert into contacts (name) values ('Ada')");
      yield "first ";
      await looked;
      throw new Error("broken");
    }
    const { url } = await start(framework, db, { transaction: true }, () => ({ body: parts() }), t);
    const client = new Client(url);
    await until("the first part", () => client.text === "first ");
    look();
    await until("the end", () => client.end !== undefined);
    assert.equal(client.end, "cut off");
    await until("the connection to be back", () => db.stats().inUse === 0);
    assert.deepEqual(await db.fresh.exec("select name from contacts"), []);
  });
}
