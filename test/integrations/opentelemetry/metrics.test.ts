import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError, type MySQLDatabase, OptionError, PostgreSQLDatabase } from "apocryphan";
import { instrument } from "apocryphan/opentelemetry";
import { MaxConnectionsExceededError } from "apocryphan/pool";
import { KINDS } from "../../support/database.ts";
import { openPlain, openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { histogram, sdk } from "./sdk.ts";

const POOL = "db.client.connection.pool.name";
const STATE = "db.client.connection.state";

/** Names and units as the conventions have them. */
const CONNECTION_METRICS = {
  "db.client.connection.count": "{connection}",
  "db.client.connection.idle.max": "{connection}",
  "db.client.connection.idle.min": "{connection}",
  "db.client.connection.max": "{connection}",
  "db.client.connection.pending_requests": "{request}",
  "db.client.connection.timeouts": "{timeout}",
  "db.client.connection.create_time": "s",
  "db.client.connection.wait_time": "s",
  "db.client.connection.use_time": "s",
};

for (const kind of KINDS) {
  test(`${kind}: a pool is measured by the conventions' names, units and attributes`, async (t) => {
    const { meterProvider, metrics } = sdk();
    const options = { maxConnections: 3, minConnections: 1, timeout: "3s", name: "porg" } as const;
    const db = await openPooled(kind, t, options);
    const measuring = instrument(db, { meterProvider, spans: false });
    t.after(() => measuring.stop());
    await until("the least connection to be open", () => db.stats().idle === 1);
    const holders = [0, 1, 2].map(() => db.connect());
    const conns = await Promise.all(holders);
    await assert.rejects(
      db.context(() => db.connect()),
      MaxConnectionsExceededError,
    );
    const impatient = new AbortController();
    const waiting = db.context(() => db.connect({ signal: impatient.signal })).catch(() => {});
    const value = async (name: string, state?: string): Promise<unknown> =>
      (await metrics())
        .get(`db.client.connection.${name}`)
        ?.points.find(({ attributes }) => attributes[POOL] === "porg" && attributes[STATE] === state)?.value;
    assert.equal(await value("pending_requests"), 1);
    impatient.abort();
    await waiting;
    assert.deepEqual([await value("count", "used"), await value("count", "idle")], [3, 0]);
    await Promise.all(conns.map((conn) => conn.close()));
    assert.deepEqual([await value("count", "used"), await value("count", "idle")], [0, 3]);
    assert.deepEqual(
      [await value("max"), await value("idle.max"), await value("idle.min"), await value("timeouts")],
      [3, 3, 1, 1],
    );
    const all = await metrics();
    for (const [name, unit] of Object.entries(CONNECTION_METRICS)) {
      assert.equal(all.get(name)?.unit, unit, name);
      for (const { attributes } of all.get(name)?.points ?? []) {
        const expected = name.endsWith(".count") ? [POOL, STATE] : [POOL];
        assert.deepEqual(Object.keys(attributes).sort(), expected.sort(), name);
      }
    }
    const wait = histogram(all.get("db.client.connection.wait_time"));
    const use = histogram(all.get("db.client.connection.use_time"));
    const create = histogram(all.get("db.client.connection.create_time"));
    assert.deepEqual([wait.count, use.count, create.count], [3, 3, 3]);
    assert.ok((use.sum ?? 0) > 3 && (use.sum ?? 0) < 100, `held for ${use.sum} s together`);
    assert.deepEqual(wait.buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  });

  test(`${kind}: statements are measured by what they do and how they end`, async (t) => {
    const { meterProvider, metrics } = sdk();
    const db = await openPlain(kind, t);
    const measuring = instrument(db, { meterProvider, spans: false });
    t.after(() => measuring.stop());
    await db.select("select 1 as one");
    await db.select("select 1 as one");
    await assert.rejects(db.sql("select * from nowhere"), DatabaseError);
    const duration = (await metrics()).get("db.client.operation.duration");
    assert.equal(duration?.unit, "s");
    const counts = duration?.points.map(({ attributes }, i) => [
      attributes["db.query.summary"],
      attributes["db.operation.name"],
      attributes["db.collection.name"],
      attributes["error.type"] === undefined,
      histogram(duration, i).count,
    ]);
    assert.deepEqual(counts, [
      ["select", "select", undefined, true, 2],
      ["select nowhere", "select", "nowhere", false, 1],
    ]);
    for (const { attributes } of duration?.points ?? []) {
      assert.equal(attributes["db.system.name"], db.dialect);
      assert.equal(attributes["db.namespace"], db.origin.database);
      assert.equal(attributes["server.address"], db.origin.host);
      assert.equal("db.query.text" in attributes, false);
    }
    assert.deepEqual(histogram(duration).buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
    assert.ok((histogram(duration).sum ?? 99) < 30);
  });
}

test("a pool without a name is called by its address and database, and can be called otherwise", async (t) => {
  const db = await openPooled("postgresql", t);
  const nameIn = async (options: { poolName?: string }): Promise<unknown> => {
    const { meterProvider, metrics } = sdk();
    const measuring = instrument(db, { meterProvider, ...options });
    const [point] = (await metrics()).get("db.client.connection.max")?.points ?? [];
    measuring.stop();
    return point?.attributes[POOL];
  };
  const { host, port, database } = db.origin;
  assert.equal(await nameIn({}), `${host}:${port}/${database}`);
  assert.equal(await nameIn({ poolName: "orders" }), "orders");
});

test("what was stopped measures nothing any more, and two pools do not mix", async (t) => {
  const { meterProvider, metrics } = sdk();
  const db = await openPooled("sqlite", t, { autoconnect: true });
  const other = await openPooled("sqlite", t, { autoconnect: true });
  const measuring = instrument(db, { meterProvider, spans: false });
  await db.sql("select 1");
  await other.sql("select 1");
  const before = await metrics();
  assert.equal(histogram(before.get("db.client.connection.use_time")).count, 1);
  assert.equal(histogram(before.get("db.client.operation.duration")).count, 1);
  measuring.stop();
  measuring.stop();
  await db.sql("select 1");
  const after = await metrics();
  assert.equal(histogram(after.get("db.client.connection.use_time")).count, 1);
  assert.equal(histogram(after.get("db.client.operation.duration")).count, 1);
  // The SDK goes on exporting the last value that it saw.
  const used = async (): Promise<unknown> =>
    (await metrics())
      .get("db.client.connection.count")
      ?.points.find(({ attributes }) => attributes[STATE] === "used")?.value;
  await db.withConnection(async () => assert.equal(await used(), 0));
});

test("what does not fit is refused when it is given", () => {
  const db = new PostgreSQLDatabase({ host: "localhost" });
  const refused = (options: object, words: RegExp): void =>
    assert.throws(
      () => instrument(db, options),
      (error) => error instanceof OptionError && words.test(error.message),
    );
  refused({ poolNam: "x" }, /Did you mean "poolName"\?/);
  refused({ poolName: "" }, /"poolName" takes a string/);
  refused({ queryText: "no" }, /"queryText" takes true or false/);
  assert.throws(() => instrument({} as MySQLDatabase), OptionError);
});

test("no metric and no span knows the password", async (t) => {
  const { meterProvider, tracerProvider, metrics, spans } = sdk();
  const url = "postgresql://ada:hunter2@127.0.0.1:1/porg";
  const db = new PostgreSQLDatabase({ url });
  const measuring = instrument(db, { meterProvider, tracerProvider });
  t.after(() => measuring.stop());
  await assert.rejects(db.sql("select 1"));
  const told = JSON.stringify([...(await metrics()).values()]) + JSON.stringify(spans()[0]?.attributes);
  assert.ok(told.includes("127.0.0.1") && !told.includes("hunter2") && !told.includes("ada"), told);
  assert.equal(spans()[0]?.attributes["error.type"], "ConnectError");
});
