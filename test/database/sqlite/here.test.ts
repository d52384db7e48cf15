import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, test } from "node:test";
import type { PooledOptions } from "apocryphan/pool";
import { until } from "../../support/wait.ts";
import { openFile } from "./open.ts";

/*
 * Statements outside any scope on connections in this thread: they are run where the connection lies, and where they come side by
 * side those that only look are held back for the end of the turn's promises.
 */
for (const client of ["node:sqlite", "better-sqlite3"]) {
  describe(`statements in this thread, ${client}`, () => {
    const options: PooledOptions = { client, workers: false, autoconnect: true, timeout: 5 };
    type Opened = Awaited<ReturnType<typeof openFile>>["db"];

    async function counted(db: Opened): Promise<void> {
      await db.sql("create table counted (n int)");
      await db.sql("insert into counted values (0)");
    }

    const look = (db: Opened): Promise<number> =>
      db.get<{ n: number }>("select n from counted").then(({ n }) => n);

    /** From then on statements are held back. */
    const sideBySide = (db: Opened) => Promise.all([look(db), look(db), look(db)]);

    test("each sees what was asked for before it in the same turn, and nothing of what was asked for behind it", async (t) => {
      const { db } = await openFile(t, options);
      await counted(db);
      await sideBySide(db);
      for (let round = 0; round < 5; round++) {
        const seen: Promise<number>[] = [];
        for (let i = 0; i < 4; i++) {
          seen.push(look(db), look(db));
          void db.sql("update counted set n = n + 1");
        }
        const from = round * 4;
        const wanted = [0, 1, 2, 3].flatMap((i) => [from + i, from + i]);
        assert.deepEqual(await Promise.all(seen), wanted);
      }
    });

    test("one that comes alone is answered without being held back, also after others came side by side", async (t) => {
      const { db } = await openFile(t, options);
      await counted(db);
      for (let round = 0; round < 3; round++) {
        await sideBySide(db);
        // The first to come alone is the one by which that is seen.
        await look(db);
        await look(db);
        const { acquired } = db.stats();
        void look(db);
        assert.equal(db.stats().acquired, acquired + 1);
      }
    });

    test("each counts as a loan, and none is left over", async (t) => {
      const { db } = await openFile(t, options);
      await counted(db);
      const before = db.stats().acquired;
      for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 25 }, () => look(db)));
      for (let i = 0; i < 10; i++) await look(db);
      const { acquired, released, inUse, open, waiting } = db.stats();
      assert.equal(acquired - before, 110);
      assert.deepEqual(
        { released, inUse, open, waiting },
        { released: acquired, inUse: 0, open: 1, waiting: 0 },
      );
    });

    test("those held back as everything is closed are answered first, and open nothing afterwards", async (t) => {
      const { db } = await openFile(t, options);
      await counted(db);
      for (const end of [() => db.closeAll(), () => db.drain("1s")]) {
        await sideBySide(db);
        const asked = Promise.all([look(db), look(db)]);
        await end();
        assert.deepEqual(await asked, [0, 0]);
        assert.equal(db.stats().open, 0);
      }
    });

    test("while the connection is lent they wait for it, and are answered when it is back", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 1 });
      await counted(db);
      await sideBySide(db);
      let letGo: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const holder = db.withConnection(async (connection) => {
        await connection.sql("update counted set n = 1");
        await gate;
      });
      const asked = Promise.all([look(db), look(db)]);
      letGo();
      assert.deepEqual(await asked, [1, 1]);
      await holder;
    });

    test("a connection is used as often as maxUses says", async (t) => {
      const { db } = await openFile(t, { ...options, maxUses: 10 });
      await counted(db);
      for (let i = 0; i < 28; i++) await look(db);
      assert.equal(db.stats().connects, 3);
    });

    test("what a statement leaves behind is cleaned up before the next, and one that fails leaves the connection fit", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 1 });
      await counted(db);
      await db.sql("begin");
      // Would be refused inside a transaction.
      await db.sql("vacuum");
      await assert.rejects(db.select("select * from nowhere"), /nowhere/);
      assert.equal(await look(db), 0);
      assert.equal(db.stats().connects, 1);
    });

    test("after many that only looked, whatever else is done is still cleaned up", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 1 });
      await counted(db);
      const manyLooks = async (): Promise<void> => {
        for (let i = 0; i < 20; i++) await look(db);
      };
      await manyLooks();
      await db.sql("begin");
      await db.sql("vacuum");
      await manyLooks();
      const { connects } = db.stats();
      // A setting has no way back, so the next caller gets another connection, which takes writes.
      await db.sql("pragma query_only = on");
      await db.sql("update counted set n = n + 1");
      assert.equal(db.stats().connects, connects + 1);
      await manyLooks();
      await db.withConnection(async ({ raw }) => {
        (raw as { exec(text: string): unknown }).exec("begin; update counted set n = 100");
      });
      assert.equal(await look(db), 1);
      await manyLooks();
      await db.withConnection((connection) => connection.sql("savepoint left"));
      await db.sql("vacuum");
      assert.equal(await look(db), 1);
    });

    test("a file that was deleted is noticed by those who only look, too", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 1 });
      await counted(db);
      await look(db);
      for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
      await until("the new file is in use", () =>
        look(db).then(
          () => false,
          (error: Error) => /no such table/.test(error.message),
        ),
      );
    });

    test("a function that a statement calls, and that asks again itself, waits for its end", async (t) => {
      const { db } = await openFile(t, { ...options, maxConnections: 1, reset: "none" });
      await counted(db);
      const asked: Promise<number>[] = [];
      const again = (): number => {
        asked.push(look(db));
        return db.stats().idle;
      };
      await db.withConnection(async ({ raw }) => {
        (raw as { function(name: string, fn: () => number): void }).function("again", again);
      });
      assert.deepEqual(await db.select("select again() as idle"), [{ idle: 1 }]);
      assert.deepEqual(await Promise.all(asked), [0]);
      const { acquired, released, inUse, idle } = db.stats();
      assert.deepEqual({ released, inUse, idle }, { released: acquired, inUse: 0, idle: 1 });
    });
  });
}
