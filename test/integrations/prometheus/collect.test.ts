import assert from "node:assert/strict";
import { subscribe, tracingChannel } from "node:diagnostics_channel";
import { test } from "node:test";
import { DatabaseError, OptionError, PostgreSQLDatabase, SQLiteDatabase } from "apocryphan";
import { MaxConnectionsExceededError } from "apocryphan/pool";
import { collect } from "apocryphan/prometheus";
import client, { Registry } from "prom-client";
import { KINDS } from "../../support/database.ts";
import { openPlain, openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";
import { sampleOf, samples } from "./text.ts";

for (const kind of KINDS) {
  test(`${kind}: a pool's connections, callers and times are in the output`, async (t) => {
    const register = new Registry();
    const db = await openPooled(kind, t, { maxConnections: 2, minConnections: 1, name: "porg" });
    const collecting = collect(db, { register });
    t.after(() => collecting.stop());
    await until("the least connection to be open", () => db.stats().idle === 1);
    const of = async (name: string, labels = {}): Promise<number> =>
      sampleOf(await register.metrics(), `apocryphan_pool_${name}`, { pool: "porg", ...labels });
    const conns = await Promise.all([db.connect(), db.connect()]);
    await assert.rejects(
      db.context(() => db.connect()),
      MaxConnectionsExceededError,
    );
    assert.deepEqual(
      [await of("connections", { state: "used" }), await of("connections", { state: "idle" })],
      [2, 0],
    );
    await Promise.all(conns.map((conn) => conn.close()));
    assert.deepEqual(
      [await of("connections", { state: "used" }), await of("connections", { state: "idle" })],
      [0, 2],
    );
    assert.deepEqual(
      [await of("connections_max"), await of("connections_min"), await of("waiting")],
      [2, 1, 0],
    );
    const counted = ["acquired_total", "released_total", "refused_total", "timeouts_total", "connects_total"];
    assert.deepEqual(await Promise.all(counted.map((name) => of(name))), [2, 2, 1, 0, 2]);
    assert.equal(await of("acquired_total"), 2, "reading twice counts nothing twice");
    assert.deepEqual(
      [await of("wait_seconds_count"), await of("use_seconds_count"), await of("connect_seconds_count")],
      [2, 2, 2],
    );
    assert.ok((await of("use_seconds_sum")) < 30);
  });

  test(`${kind}: statements are counted by operation, and their failures by kind`, async (t) => {
    const register = new Registry();
    const db = await openPlain(kind, t);
    const collecting = collect(db, { register, pool: "plain" });
    t.after(() => collecting.stop());
    await db.select("SELECT 1 as one");
    await db.select("select 'a secret' as two");
    await assert.rejects(db.sql("select * from nowhere"), DatabaseError);
    const text = await register.metrics();
    const of = (name: string, labels = {}): number => sampleOf(text, name, { pool: "plain", ...labels });
    assert.equal(of("apocryphan_statement_seconds_count", { operation: "select" }), 3);
    assert.equal(samples(text).filter(({ name }) => name === "apocryphan_statement_errors_total").length, 1);
    assert.equal(of("apocryphan_statement_errors_total"), 1);
    assert.ok(!text.includes("a secret"));
    assert.ok(!text.includes("apocryphan_pool_connections{"), "there is no pool");
  });
}

test("several database objects share a register, told apart by their pools and labels", async (t) => {
  const register = new Registry();
  const one = new SQLiteDatabase({ database: ":memory:" });
  const two = new SQLiteDatabase({ database: ":memory:" });
  const labels = (service: string) => ({ register, prefix: "db_", labels: { service } });
  const collecting = collect(one, labels("a"));
  const other = collect(two, labels("b"));
  t.after(() => other.stop());
  await one.sql("select 1");
  await two.sql("select 1");
  await two.sql("select 1");
  const count = async (service: string) =>
    sampleOf(await register.metrics(), "db_statement_seconds_count", { service, pool: ":memory:" });
  assert.deepEqual([await count("a"), await count("b")], [1, 2]);
  collecting.stop();
  collecting.stop();
  await one.sql("select 1");
  assert.ok(!(await register.metrics()).includes('service="a"'), "its series are gone");
  assert.equal(await count("b"), 2);
  await Promise.all([one, two].map((db) => db[Symbol.asyncDispose]()));
});

test("with the last database object the metrics leave the register, and may come again", async () => {
  const register = new Registry();
  const db = new SQLiteDatabase({ database: ":memory:" });
  const listening = () => tracingChannel("apocryphan:statement").hasSubscribers;
  assert.equal(listening(), false);
  for (const end of ["stop", Symbol.dispose] as const) {
    const collecting = collect(db, { register });
    assert.equal(listening(), true);
    await db.sql("select 1");
    assert.equal(sampleOf(await register.metrics(), "apocryphan_statement_seconds_count"), 1);
    collecting[end]();
  }
  assert.equal((await register.metrics()).trim(), "");
  assert.equal(listening(), false, "and nobody listens any more");
  await db[Symbol.asyncDispose]();
});

test("where no register is named it is prom-client's own", async (t) => {
  const db = new SQLiteDatabase({ database: ":memory:" });
  const collecting = collect(db);
  t.after(() => collecting.stop());
  await db.sql("select 1");
  assert.equal(sampleOf(await client.register.metrics(), "apocryphan_statement_seconds_count"), 1);
  await db[Symbol.asyncDispose]();
});

test("buckets can be chosen, and are in seconds", async (t) => {
  const register = new Registry();
  const db = new SQLiteDatabase({ database: ":memory:" });
  const collecting = collect(db, { register, buckets: [0.01, 60] });
  t.after(() => collecting.stop());
  await db.sql("select 1");
  const limits = samples(await register.metrics())
    .filter(({ name }) => name === "apocryphan_statement_seconds_bucket")
    .map(({ labels }) => labels.le);
  assert.deepEqual(limits, ["0.01", "60", "+Inf"]);
  await db[Symbol.asyncDispose]();
});

test("what does not fit is refused when it is given", (t) => {
  const register = new Registry();
  const db = new PostgreSQLDatabase({ url: "postgresql://ada:hunter2@localhost/porg" });
  const refused = (options: object, words: RegExp): void =>
    assert.throws(
      () => collect(db, { register, ...options }),
      (error) => error instanceof OptionError && words.test(error.message),
    );
  refused({ prefx: "x" }, /Did you mean "prefix"\?/);
  refused({ prefix: "my metrics" }, /"prefix" takes letters/);
  refused({ labels: { pool: "x" } }, /can't be called "pool"/);
  refused({ buckets: [0] }, /"buckets" takes a list/);
  refused({ pool: "" }, /"pool" takes a string/);
  const collecting = collect(db, { register });
  t.after(() => collecting.stop());
  refused({}, /collects "localhost:5432\/porg" already/);
  refused({ pool: "other", labels: { service: "a" } }, /same labels: it has none, and now came service/);
  assert.throws(() => collect({} as PostgreSQLDatabase), OptionError);
});

test("events of a pool that is not collected are no trouble", async (t) => {
  const register = new Registry();
  const db = await openPooled("sqlite", t, { autoconnect: true, name: "collected" });
  const other = await openPooled("sqlite", t, { autoconnect: true, name: "other" });
  const collecting = collect(db, { register });
  t.after(() => collecting.stop());
  let heard = 0;
  subscribe("apocryphan:pool:acquire", () => heard++);
  await other.sql("select 1");
  await db.sql("select 1");
  assert.ok(heard >= 2);
  assert.equal(sampleOf(await register.metrics(), "apocryphan_pool_wait_seconds_count"), 1);
});
