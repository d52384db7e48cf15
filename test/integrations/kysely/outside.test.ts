import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { WAYS } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { add, openPooledKysely } from "./kysely.ts";

type Opened = Awaited<ReturnType<typeof openPooledKysely>>;

for (const way of WAYS) {
  test(`${way.title}: outside a scope a Kysely statement takes a connection and gives it back`, async (t) => {
    const { db, kysely, names } = await openPooledKysely(way, t, { maxConnections: 1 });
    await add(kysely, "Ada");
    assert.equal(db.stats().inUse, 0);
    assert.throws(() => db.conn, { code: "NO_CONNECTION" }, "the context holds none afterwards");
    await kysely.transaction().execute((trx) => add(trx, "Grace"));
    await assert.rejects(
      kysely.connection().execute((pinned) => add(pinned, "Ada")),
      { kind: "unique" },
    );
    assert.equal(db.stats().inUse, 0);
    assert.deepEqual(await names(), ["Ada", "Grace"]);
  });

  test(`${way.title}: a late Kysely statement of a block that has ended is refused`, async (t) => {
    const { db, kysely, names } = await openPooledKysely(way, t);
    const late = await db.withConnection(() =>
      db.atomic(async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        return { go: resolve, done: promise.then(() => add(kysely, "Ada")) };
      }),
    );
    late.go();
    await assert.rejects(late.done, { code: "TRANSACTION_ENDED" });
    assert.deepEqual(await names(), []);
  });

  test(`${way.title}: destroying Kysely closes the connections, and the database object goes on`, async (t) => {
    const { db, kysely } = await openPooledKysely(way, t);
    await add(kysely, "Ada");
    await kysely.destroy();
    assert.equal(db.stats().open, 0);
    await assert.rejects(add(kysely, "Grace"), /destroyed/);
    await db.withConnection(() => db.select("select 1"));
  });

  test(`${way.title}: a stream is read through a cursor, and left early`, async (t) => {
    const { db, kysely } = await openPooledKysely(way, t, { maxConnections: 1 });
    await kysely
      .insertInto("contacts")
      .values(Array.from({ length: 250 }, (_, i) => ({ name: `contact ${i}`, age: i })))
      .execute();
    const query = kysely.selectFrom("contacts").select(["name", "age"]).orderBy("age");
    let seen = 0;
    for await (const row of query.stream(40)) assert.equal(row.age, seen++);
    assert.equal(seen, 250);
    for await (const row of query.stream()) if (row.age === 7) break;
    await until("the connection is back", () => db.stats().inUse === 0);
    await db.withConnection(() =>
      db.atomic(async () => {
        const first: unknown[] = [];
        for await (const row of query.limit(2).stream()) first.push(row.name);
        assert.deepEqual(first, ["contact 0", "contact 1"]);
      }),
    );
  });

  test(`${way.title}: an aborted statement answers at once and gives its connection back`, async (t) => {
    const { db, kysely } = await openPooledKysely(way, t, { maxConnections: 1 });
    const reason = new Error("enough");
    // In the program's own thread nothing can be aborted while SQLite is at it.
    if (way.pool.workers !== false) await abortSlow(db, kysely, reason);
    await add(kysely, "Ada");
    const waiting = new AbortController();
    const held = Promise.withResolvers<void>();
    const holder = db.withConnection(() => held.promise);
    await until("somebody holds the only connection", () => db.stats().inUse === 1);
    const caller = kysely.selectFrom("contacts").selectAll().execute({ signal: waiting.signal });
    await until("a caller is in line", () => db.stats().waiting === 1);
    waiting.abort(reason);
    await assert.rejects(caller, reason);
    assert.equal(db.stats().waiting, 0, "nobody is in line any more");
    held.resolve();
    await holder;
  });
}

async function abortSlow(db: Opened["db"], kysely: Opened["kysely"], reason: Error): Promise<void> {
  const slow = {
    postgresql: sql<unknown>`select pg_sleep(30)`,
    mysql: sql<unknown>`select sleep(30)`,
    sqlite: sql<unknown>`with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select count(*) from n`,
  }[db.dialect];
  const stop = new AbortController();
  const running = kysely.executeQuery(slow.compile(kysely), {
    signal: stop.signal,
    inflightQueryAbortStrategy: "cancel query",
  });
  await until("the statement is under way", () => db.stats().inUse === 1);
  setImmediate(() => stop.abort(reason));
  await assert.rejects(running, reason);
  await until("the connection is back", () => db.stats().inUse === 0);
}
