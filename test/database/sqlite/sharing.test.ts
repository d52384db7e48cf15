import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Worker } from "node:worker_threads";
import { ConnectionLostError, DatabaseError } from "apocryphan";
import { until } from "../../support/wait.ts";
import { openFile, POOLED_WAYS } from "./open.ts";

interface Numbered {
  readonly n: number;
}

const FIFTY = Array.from({ length: 50 }, (_, n) => n);

for (const { title, options } of POOLED_WAYS.filter((way) => way.options.workers !== false)) {
  const setup = { ...options, autoconnect: true, timeout: "60s" } as const;

  describe(`statements outside a scope on a file, ${title}`, () => {
    test("travel together, and each gets its own answer", async (t) => {
      const messages: Record<string, number> = {};
      for (const multiplex of [true, false]) {
        const { db } = await openFile(t, { ...setup, multiplex, maxConnections: 1 });
        const ask = (n: number) => db.get<Numbered>("select ? as n", [n]);
        for (const n of FIFTY) await ask(n);
        const { worker } = await db.withConnection(({ raw }) => raw as { worker: Worker });
        const post = worker.postMessage.bind(worker);
        let count = 0;
        worker.postMessage = (value: unknown, transfer?: readonly ArrayBuffer[]) => {
          count++;
          post(value, transfer as ArrayBuffer[]);
        };
        const answers = await Promise.all(FIFTY.map(ask));
        assert.deepEqual(
          answers.map(({ n }) => n),
          FIFTY,
        );
        messages[multiplex ? "shared" : "one by one"] = count;
        assert.equal(db.stats().inUse, 0);
      }
      const { shared = 99 } = messages;
      assert.equal(messages["one by one"], 50);
      assert.ok(shared <= 25, `fifty statements took ${shared} messages`);
    });

    test("fail by themselves", async (t) => {
      const { db } = await openFile(t, { ...setup, maxConnections: 1 });
      const good = (n: number) => db.get<Numbered>("select ? as n", [n]);
      const bad = () => db.get("select missing from nowhere");
      for (const n of FIFTY) await Promise.allSettled([good(n), bad()]);
      const ended = await Promise.allSettled(FIFTY.map((n) => (n % 2 === 0 ? good(n) : bad())));
      for (const [n, end] of ended.entries()) {
        if (n % 2 === 0) assert.deepEqual(end, { status: "fulfilled", value: { n } });
        else assert.ok(end.status === "rejected" && end.reason instanceof DatabaseError);
      }
      assert.equal(db.stats().connects, 1);
    });

    test("that write tell of their own rows, whatever reads beside them", async (t) => {
      const { db } = await openFile(t, { ...setup, maxConnections: 4 });
      await db.sql("create table things (id integer primary key, n int)");
      const read = () => db.get<Numbered>("select count(*) as n from things");
      const write = (n: number) => db.insert("insert into things (n) values (?)", [n]);
      const ids = await Promise.all(FIFTY.flatMap((n) => [write(n), read().then(() => undefined)]));
      const written = ids.filter((id) => id !== undefined).map(Number);
      assert.deepEqual(
        written.toSorted((a, b) => a - b),
        FIFTY.map((n) => n + 1),
      );
      for (const [n, id] of written.entries())
        assert.deepEqual(await db.get("select n from things where id = ?", [id]), { n });
      assert.deepEqual(await read(), { n: 50 });
    });

    test("that read go on beside one that waits for its turn to write", async (t) => {
      const { db } = await openFile(t, { ...setup, maxConnections: 3 });
      await db.sql("create table accounts (n int)");
      await db.sql("insert into accounts values (0)");
      const add = () => db.sql("update accounts set n = n + 1");
      const read = () => db.get<Numbered>("select n from accounts");
      // Both are known to be quick by now.
      for (let i = 0; i < 10; i++) {
        await add();
        await read();
      }
      let blocked: Promise<unknown> | undefined;
      await db.atomic(async (tx) => {
        await tx.sql("update accounts set n = 100");
        blocked = db.context(add);
        await until("the other one has a connection", () => db.stats().inUse === 2);
        // Behind the one that waits for this very block, it would never be answered.
        assert.deepEqual(await db.context(read), { n: 10 });
      });
      await blocked;
      assert.deepEqual(await read(), { n: 101 });
    });

    test("hear each that their thread is gone, and the next ones are answered", async (t) => {
      const { db } = await openFile(t, { ...setup, maxConnections: 1 });
      const ask = (n: number) => db.get<Numbered>("select ? as n", [n]);
      for (const n of FIFTY) await ask(n);
      const { worker } = await db.withConnection(({ raw }) => raw as { worker: Worker });
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      const asked = FIFTY.map(ask);
      void worker.terminate();
      const ended = await Promise.allSettled(asked);
      for (const [n, end] of ended.entries()) {
        if (end.status === "fulfilled") assert.deepEqual(end.value, { n });
        else assert.ok(end.reason instanceof ConnectionLostError, String(end.reason));
      }
      await exited;
      assert.deepEqual(await ask(7), { n: 7 });
    });
  });
}

test("two that hold a connection each have a thread each, however many connections lie idle", async (t) => {
  const { db } = await openFile(t, { maxConnections: 6, workers: 2 });
  const together = async (count: number): Promise<Worker[]> => {
    const met = Promise.withResolvers<void>();
    let missing = count;
    const hold = () =>
      db.withConnection(async ({ raw }) => {
        if (--missing === 0) met.resolve();
        await met.promise;
        return (raw as { worker: Worker }).worker;
      });
    return Promise.all(Array.from({ length: count }, hold));
  };
  await together(6);
  for (let i = 0; i < 20; i++) assert.equal(new Set(await together(2)).size, 2);
});
