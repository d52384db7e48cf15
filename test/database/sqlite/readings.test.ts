import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseError } from "apocryphan";
import { elsewhere, openFile } from "./open.ts";

// Statements that only look and come together are read as of one moment; nobody is to notice but by the clock.
const WAYS = ["node:sqlite", "better-sqlite3"].flatMap((client) => [
  { client, threads: 1 as const, where: "in a worker" },
  { client, threads: false as const, where: "in this thread" },
]);

for (const { client, threads, where } of WAYS) {
  describe(`statements read together, ${client} ${where}`, () => {
    test("one that fails is alone in that, and leaves no transaction behind", async (t) => {
      const { db } = await openFile(t, {
        client,
        workers: threads,
        maxConnections: 1,
        autoconnect: true,
        timeout: 5,
      });
      await db.sql("create table counted (n int)");
      await db.sql("insert into counted values (1)");
      // In this thread they are held back from the second time on at which they come side by side.
      await Promise.all(Array.from({ length: 3 }, () => db.select("select n from counted")));
      const answers = await Promise.allSettled(
        Array.from({ length: 40 }, (_, i) =>
          db.select<{ n: number }>(
            i % 7 === 3 ? "select abs(-9223372036854775808) as n" : "select n from counted",
          ),
        ),
      );
      for (const [i, answer] of answers.entries()) {
        if (i % 7 === 3) assert.ok(answer.status === "rejected" && answer.reason instanceof DatabaseError);
        else assert.ok(answer.status === "fulfilled" && answer.value[0]?.n === 1, String(i));
      }
      await db.withConnection(async (connection) => {
        assert.equal(connection.isTrans, false);
        // Would be refused inside a transaction.
        await connection.select("pragma journal_mode = wal");
        await connection.sql("vacuum");
      });
    });

    test("what was written before is seen, by whatever connection, and by another program", async (t) => {
      const { db, file } = await openFile(t, {
        client,
        workers: threads === false ? false : 2,
        maxConnections: 4,
        autoconnect: true,
        timeout: 5,
      });
      await db.sql("create table counted (n int)");
      await db.sql("insert into counted values (0)");
      const look = async (): Promise<number[]> => {
        const rows = await Promise.all(
          Array.from({ length: 20 }, () => db.get<{ n: number }>("select n from counted")),
        );
        return rows.map(({ n }) => n);
      };
      for (let n = 1; n <= 12; n++) {
        if (n % 2 === 0) elsewhere(file, `update counted set n = ${n}`);
        else await db.sql("update counted set n = ?", [n]);
        assert.deepEqual(new Set(await look()), new Set([n]));
      }
    });

    test("on one connection each statement sees what was sent before it, however they are mixed", async (t) => {
      const { db } = await openFile(t, { client, workers: threads, maxConnections: 1 });
      await db.withConnection(async (connection) => {
        await connection.sql("create table counted (n int)");
        await connection.sql("insert into counted values (0)");
        const seen: Promise<{ n: number }>[] = [];
        for (let i = 1; i <= 20; i++) {
          void connection.sql("update counted set n = n + 1");
          for (let k = 0; k < i % 4; k++) seen.push(connection.get<{ n: number }>("select n from counted"));
        }
        const wanted = Array.from({ length: 20 }, (_, i) => Array<number>((i + 1) % 4).fill(i + 1)).flat();
        assert.deepEqual(
          (await Promise.all(seen)).map(({ n }) => n),
          wanted,
        );
      });
    });
  });
}
