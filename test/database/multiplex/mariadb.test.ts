import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConnectionLostError, DatabaseError } from "apocryphan";
import { openPooled } from "../../support/open.ts";
import { until } from "../../support/wait.ts";

const SETUP = { client: "mariadb", autoconnect: true, timeout: "20s" } as const;

interface Session {
  readonly id: number;
  readonly n: number;
}

describe("statements outside a scope, by the client mariadb", () => {
  test("share connections once their time is known, and each gets its own answer", async (t) => {
    const db = await openPooled("mysql", t, { ...SETUP, maxConnections: 10 });
    const ask = (n: number) => db.get<Session>("select connection_id() as id, cast(? as signed) as n", [n]);
    for (let i = 0; i < 20; i++) await ask(i);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
    assert.deepEqual(
      answers.map(({ n }) => n),
      Array.from({ length: 50 }, (_, n) => n),
    );
    const used = new Set(answers.map(({ id }) => id)).size;
    assert.ok(used <= 4, `fifty small statements used ${used} connections`);
    assert.equal(db.stats().inUse, 0);
  });

  test("have a connection each with multiplex: false, and by the client mysql2, which sends one at a time", async (t) => {
    for (const way of [{ multiplex: false }, { client: "mysql2" }]) {
      const db = await openPooled("mysql", t, { ...SETUP, ...way, maxConnections: 4, minConnections: 4 });
      await until("the connections are there", () => db.stats().idle === 4);
      const ask = (n: number) => db.get<Session>("select connection_id() as id, cast(? as signed) as n", [n]);
      const answers = await Promise.all([ask(1), ask(2), ask(3), ask(4)]);
      assert.equal(new Set(answers.map(({ id }) => id)).size, 4);
    }
  });

  test("fail alone, and the connection is kept", async (t) => {
    const db = await openPooled("mysql", t, { ...SETUP, maxConnections: 1 });
    const good = (n: number) => db.get<{ n: number }>("select cast(? as signed) as n", [n]);
    const bad = () => db.get("select no_such_column");
    for (let i = 0; i < 10; i++) {
      await good(i);
      await assert.rejects(bad(), DatabaseError);
    }
    const answers = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => (n % 3 ? good(n) : bad())));
    answers.forEach((answer, n) => {
      if (n % 3 === 0) assert.ok(answer.status === "rejected" && answer.reason instanceof DatabaseError);
      else assert.ok(answer.status === "fulfilled" && answer.value?.n === n, String(n));
    });
    assert.equal(db.stats().closes, 0);
  });

  test("of a kind that may wait for a lock let none behind them, so that nobody waits for himself", async (t) => {
    const db = await openPooled("mysql", t, { ...SETUP, maxConnections: 3 });
    await db.sql("create table accounts (id int primary key, n int)");
    await db.sql("insert into accounts values (1, 0)");
    const add = () => db.sql("update accounts set n = n + 1 where id = 1");
    const read = () => db.get<{ n: number }>("select n from accounts where id = 1");
    for (let i = 0; i < 10; i++) {
      await add();
      await read();
    }
    let blocked: Promise<unknown> | undefined;
    await db.atomic(async (tx) => {
      await tx.sql("update accounts set n = 100 where id = 1");
      blocked = db.context(add);
      await until("the other one waits for the row", async () => {
        // InnoDB's own table of who waits is not made anew while it is asked more often than ten times a second.
        const [row] = await db.fresh.exec<{ n: bigint }>(
          "select count(*) as n from information_schema.processlist where db = database() and info like 'update accounts set n = n + 1%' and time_ms > 20",
        );
        return Number(row?.n) === 1;
      });
      // Behind the one that waits for this very block, it would never be answered.
      assert.equal((await db.context(read)).n, 10);
    });
    await blocked;
    assert.equal((await read()).n, 101);
  });

  test("all hear of it where their connection is lost, and nobody else does", async (t) => {
    const db = await openPooled("mysql", t, { ...SETUP, maxConnections: 2, minConnections: 2 });
    await until("both connections are there", () => db.stats().idle === 2);
    const nap = () => db.get("select sleep(0.5) as n");
    const settled = Promise.allSettled([nap(), nap()]);
    const id = await until("both are under way", async () => {
      const rows = await db.fresh.exec<{ id: number }>(
        "select id from information_schema.processlist where db = database() and info like '%sleep(0.5)%' and id <> connection_id()",
      );
      return rows.length === 2 && rows[0]?.id;
    });
    await db.fresh.exec(`kill ${id}`);
    const lost = (await settled).filter(({ status }) => status === "rejected");
    assert.equal(lost.length, 1);
    assert.ok(lost[0]?.status === "rejected" && lost[0].reason instanceof ConnectionLostError);
    assert.equal((await db.get<{ n: number }>("select 2 as n")).n, 2);
  });

  test("see what a table has become, although they were prepared before", async (t) => {
    const db = await openPooled("mysql", t, { ...SETUP, maxConnections: 1 });
    await db.sql("create table things (a int)");
    await db.sql("insert into things values (1)");
    const read = () => db.select("select * from things where a = ?", [1]);
    for (let i = 0; i < 3; i++) assert.deepEqual(await read(), [{ a: 1 }]);
    await db.sql("alter table things add column b varchar(5) default 'x'");
    const all = await Promise.all([read(), read(), read()]);
    for (const rows of all) assert.deepEqual(rows, [{ a: 1, b: "x" }]);
  });
});
