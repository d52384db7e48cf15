import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { type AnyRow, DatabaseError, type StatementEvent, sql } from "apocryphan";
import { asks, streams } from "../../src/base/ask.ts";
import { KINDS } from "../support/database.ts";
import { contactsTable, openPlain, openPooled } from "../support/open.ts";

/** Everything that is told of statements of `origin` while the test runs, in order. */
function listen(t: TestContext, origin: unknown): { name: string; event: StatementEvent; told: string }[] {
  const heard: { name: string; event: StatementEvent; told: string }[] = [];
  const note = (name: string) => (event: StatementEvent) => {
    if (event.origin === origin) heard.push({ name, event, told: inspect(event, { depth: 9 }) });
  };
  const channel = tracingChannel<unknown, StatementEvent>("apocryphan:statement");
  const subscribers = {
    start: note("start"),
    end: () => {},
    asyncStart: () => {},
    asyncEnd: note("asyncEnd"),
    error: note("error"),
  };
  channel.subscribe(subscribers);
  t.after(() => channel.unsubscribe(subscribers));
  return heard;
}

const ENDED = ["asyncEnd"];

for (const kind of KINDS) {
  test(`${kind}: each statement is told of when it starts and when its caller is answered`, async (t) => {
    const db = await openPooled(kind, t, { maxConnections: 2, autoconnect: true });
    await db.sql(contactsTable(db.dialect));
    const heard = listen(t, db.origin);
    const name = "Ada Lovelace";
    await db.insert(sql`insert into contacts (name) values (${name})`);
    assert.deepEqual(await db.select("select 7 as seven"), [{ seven: 7 }]);
    await db.withConnection((conn) => conn.getOrNone(sql`select * from contacts where name = ${"nobody"}`));
    await db.atomic((conn) => conn.atomic((inner) => inner.get("select 1 as one")));
    const ended = heard.filter(({ name }) => name !== "start").map(({ event }) => event);
    assert.deepEqual(
      ended.map(({ summary, parameters, result }) => [summary.text, parameters, result]).slice(0, 3),
      [
        ["insert contacts", 1, 1],
        ["select", 0, 1],
        ["select contacts", 1, 0],
      ],
    );
    const words = ended.slice(3).map(({ summary }) => summary.text.split(" ")[0]);
    assert.ok(words.includes("savepoint") && words.includes("select"), words.join());
    assert.equal(words.at(-1), "commit");
    assert.equal(heard.filter(({ name }) => name === "start").length, ended.length);
    assert.ok(
      heard.every(({ told }) => !told.includes("Ada") && !told.includes("nobody")),
      "no value is told",
    );
  });

  test(`${kind}: a statement that fails is told of with its error`, async (t) => {
    const db = await openPlain(kind, t);
    const heard = listen(t, db.origin);
    await assert.rejects(db.sql("select * from nowhere"), DatabaseError);
    assert.deepEqual(
      heard.map(({ name }) => name),
      ["start", "error", "asyncEnd"],
    );
    assert.ok(heard[2]?.event.error instanceof DatabaseError);
    assert.equal(heard[2]?.event.result, undefined);
  });

  test(`${kind}: a cursor is told of from its first row to the end of its loop`, async (t) => {
    const db = await openPooled(kind, t, { maxConnections: 2 });
    await db.withConnection(async (conn) => {
      await conn.sql(contactsTable(db.dialect));
      await conn.sql("insert into contacts (name) values ('a'), ('b'), ('c')");
      const heard = listen(t, db.origin);
      const rows: AnyRow[] = [];
      const cursor = conn.cursor("select * from contacts order by id", [], { batch: 2 });
      assert.equal(heard.length, 0, "nothing was asked for yet");
      for await (const row of cursor) {
        if (rows.push(row) === 1)
          assert.deepEqual(
            heard.map(({ name }) => name),
            ["start"],
          );
      }
      assert.equal(rows.length, 3);
      assert.deepEqual(heard.map(({ name }) => name).slice(1), ENDED);
      assert.deepEqual([heard[1]?.event.result, heard[1]?.event.cursor], [3, true]);
      for await (const _ of conn.cursor("select * from contacts")) break;
      assert.deepEqual(heard.map(({ name }) => name).slice(3), ENDED, "one that was left ends too");
      await assert.rejects(async () => {
        for await (const _ of conn.cursor("select * from nowhere")) assert.fail("there are no rows");
      }, DatabaseError);
      assert.ok(heard.at(-1)?.event.error instanceof DatabaseError);
    });
  });
}

test("what query builders send through a handle is told of too", async (t) => {
  const db = await openPlain("sqlite", t);
  const heard = listen(t, db.origin);
  await db.withConnection(async (conn) => {
    await conn[asks]({ text: "select 1 as one", values: [] });
    for await (const batch of conn[streams]({ text: "select 2 as two", values: [], batch: 1 }))
      assert.ok(batch);
  });
  assert.deepEqual(
    heard
      .filter(({ name }) => name === "asyncEnd")
      .map(({ event }) => [event.text, event.cursor, event.result]),
    [
      ["select 1 as one", false, 1],
      ["select 2 as two", true, 1],
    ],
  );
});

test("where nobody listens nothing is told, and listening later hears what comes then", async (t) => {
  const db = await openPlain("sqlite", t);
  await db.sql("select 1");
  const heard = listen(t, db.origin);
  await db.sql("select 2");
  assert.deepEqual(
    heard.map(({ event }) => event.text),
    ["select 2", "select 2"],
  );
});
