import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Database } from "apocryphan";
import { openPooled } from "../../support/open.ts";

const SETUP = { client: "mariadb", autoconnect: true, maxConnections: 1 } as const;

/** How often this session has been asked for something: https://mariadb.com/kb/en/server-status-variables/#com_stmt_prepare */
async function asked(db: Database): Promise<{ prepared: number; closed: number; run: number }> {
  const rows = await db.select<{ Variable_name: string; Value: string }>(
    "show session status where variable_name in ('Com_stmt_prepare', 'Com_stmt_close', 'Com_stmt_execute')",
  );
  const count = (name: string) => Number(rows.find((row) => row.Variable_name === name)?.Value);
  return {
    ...{ prepared: count("Com_stmt_prepare"), closed: count("Com_stmt_close") },
    run: count("Com_stmt_execute"),
  };
}

describe("by mariadb, statements that come again", () => {
  test("are prepared once for each connection, however they come", async (t) => {
    const db = await openPooled("mysql", t, SETUP);
    const ask = (n: number) => db.get<{ n: number }>("select cast(? as signed) as n", [n]);
    for (let i = 0; i < 20; i++) assert.equal((await ask(i))?.n, i);
    const many = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(n)));
    assert.deepEqual(
      many.map((row) => row?.n),
      Array.from({ length: 100 }, (_, n) => n),
    );
    await db.withConnection(async () => {
      for (let i = 0; i < 20; i++) assert.equal((await ask(i))?.n, i);
    });
    assert.deepEqual(await asked(db), { prepared: 1, closed: 0, run: 140 });
  });

  test("mean the database that the connection uses now", async (t) => {
    const db = await openPooled("mysql", t, SETUP);
    const name = (await db.get<{ name: string }>("select database() as name"))?.name ?? "";
    const other = `${name}_other`;
    await db.sql(`create database \`${other}\``);
    try {
      for (const [where, n] of [
        [name, 1],
        [other, 2],
      ] as const) {
        await db.sql(`create table \`${where}\`.places (n int)`);
        await db.sql(`insert into \`${where}\`.places values (${n})`);
      }
      await db.withConnection(async () => {
        const ask = () => db.get<{ n: number }>("select n from places where n > ?", [0]);
        for (const [where, n] of [
          [name, 1],
          [other, 2],
          [name, 1],
        ] as const) {
          await db.sql(`use \`${where}\``);
          for (let i = 0; i < 5; i++) assert.equal((await ask())?.n, n, where);
        }
      });
    } finally {
      await db.sql(`drop database \`${other}\``);
    }
  });

  test("are prepared anew where the session has forgotten them", async (t) => {
    const db = await openPooled("mysql", t, SETUP);
    await db.withConnection(async (connection) => {
      const ask = (n: number) => db.get<{ n: number }>("select cast(? as signed) as n", [n]);
      for (let i = 0; i < 5; i++) await ask(i);
      await (connection.raw as { reset(): Promise<void> }).reset();
      for (let i = 0; i < 5; i++) assert.equal((await ask(i))?.n, i);
      assert.equal(db.stats().closes, 0);
    });
  });

  test("are kept for those used last only, and not at all where the client is to keep none", async (t) => {
    for (const [driver, most] of [
      [{}, 256],
      [{ prepareCacheLength: 20 }, 20],
      [{ prepareCacheLength: 0 }, 0],
    ] as const) {
      const db = await openPooled("mysql", t, { ...SETUP, driver });
      const texts = Array.from({ length: 300 }, (_, i) => `select cast(? as signed) + ${i} as n`);
      for (const [i, text] of texts.entries()) {
        for (let n = 0; n < 3; n++) assert.equal((await db.get<{ n: number }>(text, [n]))?.n, n + i);
      }
      const { prepared, closed } = await asked(db);
      assert.equal(prepared - closed, most, JSON.stringify(driver));
    }
  });

  test("take whole numbers of any size as whole numbers", async (t) => {
    const db = await openPooled("mysql", t, SETUP);
    await db.sql("create table numbers (n bigint primary key)");
    const all = [
      0,
      1,
      -1,
      2 ** 31 - 2,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      1 - 2 ** 53,
    ];
    for (const n of all) {
      await db.sql("insert into numbers values (?)", [n]);
      assert.equal((await db.get<{ n: number }>("select n from numbers where n = ?", [n]))?.n, n);
      assert.equal((await db.get<{ text: string }>("select concat(?) as text", [n]))?.text, String(n));
    }
    for (const limit of [3, 2 ** 31 - 1, 2 ** 40]) {
      const rows = await db.select("select n from numbers limit ?", [limit]);
      assert.equal(rows.length, Math.min(limit, all.length));
    }
  });
});
