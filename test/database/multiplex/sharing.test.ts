import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";

const KIND = "postgresql";
const SETUP = { autoconnect: true, timeout: "20s" } as const;

interface Backend {
  readonly pid: number;
  readonly n: number;
}

describe("statements outside a scope", () => {
  test("share connections once their time is known, and each gets its own answer", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 10 });
    const ask = (n: number) => db.get<Backend>("select pg_backend_pid() as pid, $1::int as n", [n]);
    for (let i = 0; i < 20; i++) await ask(i);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
    assert.deepEqual(
      answers.map(({ n }) => n),
      Array.from({ length: 50 }, (_, n) => n),
    );
    const used = new Set(answers.map(({ pid }) => pid)).size;
    assert.ok(used <= 3, `fifty small statements used ${used} connections`);
    assert.equal(db.stats().inUse, 0);
  });

  test("have a connection each with multiplex: false", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 4, multiplex: false });
    await Promise.all(
      Array.from({ length: 4 }, () => db.withConnection((conn) => conn.select("select pg_sleep(0.05)"))),
    );
    const ask = (n: number) => db.get<Backend>("select pg_backend_pid() as pid, $1::int as n", [n]);
    const answers = await Promise.all([ask(1), ask(2), ask(3), ask(4)]);
    assert.equal(new Set(answers.map(({ pid }) => pid)).size, 4);
  });

  test("do not wait behind a slow one while a connection lies idle", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 2, minConnections: 2 });
    await until("both connections are there", () => db.stats().idle === 2);
    await db.select("select 1");
    const order: string[] = [];
    const slow = db.select("select pg_sleep(1)").then(() => order.push("slow"));
    const fast = Array.from({ length: 20 }, (_, n) =>
      db.get<{ n: number }>("select $1::int as n", [n]).then((row) => order.push(`fast ${row.n}`)),
    );
    await Promise.all([slow, ...fast]);
    assert.equal(order.at(-1), "slow");
  });

  test("of a program that has only one text, and a slow one, have a connection each", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 4, minConnections: 4 });
    await until("the connections are there", () => db.stats().idle === 4);
    const slow = () => db.get<{ pid: number }>("select pg_backend_pid() as pid, pg_sleep(0.05)");
    for (let i = 0; i < 3; i++) await slow();
    const used = await Promise.all([slow(), slow(), slow(), slow()]);
    assert.equal(new Set(used.map(({ pid }) => pid)).size, 4);
  });

  test("get a further connection where those there are stay with slow ones", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 2 });
    await db.select("select 1");
    const order: string[] = [];
    const slow = db.select("select pg_sleep(1)").then(() => order.push("slow"));
    await until("the slow one is under way", () => db.stats().inUse === 1);
    await db.select("select 1").then(() => order.push("fast"));
    await slow;
    assert.deepEqual(order, ["fast", "slow"]);
    assert.equal(db.stats().open, 2);
  });

  test("go on where slow ones ask for all connections at once, and those get on too", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 3, minConnections: 3 });
    await until("the connections are there", () => db.stats().idle === 3);
    const slow = (n: number) => db.get<{ n: number }>("select $1::int as n, pg_sleep(0.1)", [n]);
    const small = (n: number) => db.get<{ n: number }>("select $1::int as n", [n]);
    for (let n = 0; n < 3; n++) assert.equal((await slow(n)).n + (await small(n)).n, 2 * n);
    let left = 20;
    // Two callers, so that there is always one under way.
    let passed = 0;
    const ask = async (): Promise<void> => {
      for (let n = 0; left > 0; n++) {
        const before = left;
        assert.equal((await small(n)).n, n);
        passed = Math.max(passed, before - left);
      }
    };
    const asking = [ask(), ask()];
    const slowOnes = Array.from({ length: left }, async (_, n) => {
      assert.equal((await slow(n)).n, n);
      left--;
    });
    await Promise.all([...asking, ...slowOnes]);
    // The first three find all connections free; and the small ones' own is due to go back to the pool once.
    assert.ok(passed <= 6, `${passed} slow ones ended while one small one waited`);
    assert.equal(db.stats().inUse, 0);
  });

  test("of a kind that may wait for a lock let none behind them, so that nobody waits for himself", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 3 });
    await db.sql("create table accounts (id int primary key, n int)");
    await db.sql("insert into accounts values (1, 0)");
    const add = () => db.sql("update accounts set n = n + 1 where id = 1");
    const read = () => db.get<{ n: number }>("select n from accounts where id = 1");
    // Both are known to be quick by now.
    for (let i = 0; i < 10; i++) {
      await add();
      await read();
    }
    let blocked: Promise<unknown> | undefined;
    await db.atomic(async (tx) => {
      await tx.sql("update accounts set n = 100 where id = 1");
      blocked = db.context(add);
      await until("the other one waits for the row", async () => {
        const [row] = await db.fresh.exec("select 1 from pg_locks where not granted");
        return row !== undefined;
      });
      // Behind the one that waits for this very block, it would never be answered.
      const { n } = await db.context(read);
      assert.equal(n, 10);
    });
    await blocked;
    assert.equal((await read()).n, 101);
  });

  test("see the columns that a table has now, although the statement was prepared before", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    await db.sql("create table things (a int)");
    await db.sql("insert into things values (1)");
    const read = () => db.select("select * from things");
    for (let i = 0; i < 3; i++) assert.deepEqual(await read(), [{ a: 1 }]);
    await db.sql("alter table things add column b text default 'x'");
    for (let i = 0; i < 3; i++) assert.deepEqual(await read(), [{ a: 1, b: "x" }]);
    await db.sql("alter table things alter column a type text");
    const all = await Promise.all([read(), read(), read()]);
    for (const rows of all) assert.deepEqual(rows, [{ a: "1", b: "x" }]);
  });

  test("go on where somebody has the server forget what is prepared", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    const read = () => db.get<{ n: number }>("select 1 as n");
    for (let i = 0; i < 3; i++) await read();
    for (const text of ["deallocate all", "discard all", "do $$ begin execute 'deallocate all'; end $$"]) {
      await db.sql(text);
      const answers = await Promise.all([read(), read(), read()]);
      assert.deepEqual(answers, [{ n: 1 }, { n: 1 }, { n: 1 }]);
    }
  });

  test("stay prepared under a transaction, whatever was cleaned up or only sounds like forgetting", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    const read = () => db.get<{ n: number }>("select $1::int as n", [1]);
    for (const text of [
      "set search_path to elsewhere",
      "select 1 as discarded",
      "deallocate all",
      "discard all",
    ]) {
      for (let i = 0; i < 3; i++) await read();
      await db.withConnection((conn) => conn.sql(text));
      assert.deepEqual(await db.atomic(read), { n: 1 }, text);
      if (/all/.test(text)) continue;
      await db.atomic(async () => {
        await db.sql(text);
        assert.deepEqual(await read(), { n: 1 }, text);
      });
    }
  });

  test("keep a bounded number of statements prepared, those used last", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    for (let i = 0; i < 300; i++) for (let twice = 0; twice < 2; twice++) await db.get(`select ${i} as n`);
    const names = () =>
      db.withConnection((conn) =>
        conn.select<{ statement: string }>("select statement from pg_prepared_statements"),
      );
    const kept = (await names()).map(({ statement }) => statement);
    assert.equal(kept.length, 256);
    assert.ok(kept.includes("select 299 as n"));
    assert.ok(!kept.includes("select 0 as n"));
    // What was sent only once is not kept at all.
    await db.get("select 'once' as n");
    assert.ok(!(await names()).some(({ statement }) => statement.includes("once")));
  });

  test("give values and rows as inside a scope", async (t) => {
    const db = await openPooled(KIND, t, { ...SETUP, maxConnections: 1 });
    const text =
      "select 9007199254740993::int8 as big, 7::int8 as small, 1.10::numeric as exact, null::int as nothing, '{\"a\":1}'::json as doc, array[1,2] as list, true as yes, '\\x01'::bytea as bytes, $1::text as given, 1 as twice, 2 as twice";
    const inside = await db.withConnection((conn) => conn.get(text, ["é"]));
    for (let i = 0; i < 4; i++) assert.deepEqual(await db.get(text, ["é"]), inside);
    assert.deepEqual(await db.select("select 1 where false"), []);
    assert.deepEqual(await db.select("select"), [{}]);
    await db.sql("create table counted (id serial primary key, n int)");
    for (let i = 0; i < 3; i++) {
      const insert = "insert into counted (n) values ($1), ($1)";
      assert.deepEqual(await db.sql(insert, [i]), { rowCount: 2, lastInsertId: null });
      assert.equal(await db.insert("insert into counted (n) values ($1) returning id", [i]), 3 * i + 3);
    }
    assert.deepEqual(await db.sql("update counted set n = 0 where id < 4"), {
      rowCount: 3,
      lastInsertId: null,
    });
  });
});
