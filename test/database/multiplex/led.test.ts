import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseError } from "apocryphan";
import { openPooled } from "../../support/open.ts";

const KIND = "postgresql";

type Client = { query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> };

describe("a transaction that begins with its first statement", () => {
  test("holds all of them, whatever the first one is", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    const inBlock = "select pg_current_xact_id_if_assigned() is not null as in_block";
    await db.withConnection(async (conn) => {
      await conn.sql("create table t (n int)");
      const firsts: Record<string, () => Promise<unknown>> = {
        "with values": () => conn.sql("insert into t values ($1)", [1]),
        "as mere text": () => conn.sql("insert into t values (1)"),
        "several in one string": () => conn.sql("insert into t values (1); insert into t values (2)"),
        "a cursor": async () => {
          for await (const _ of conn.cursor("insert into t values (1) returning n"));
        },
        "by the client itself": () => (conn.raw as Client).query("insert into t values (1)"),
        "a savepoint": () => conn.atomic(() => conn.sql("insert into t values (1)")),
      };
      for (const [name, first] of Object.entries(firsts)) {
        const failing = conn.atomic(async () => {
          await first();
          assert.deepEqual(await conn.get(inBlock), { in_block: true }, name);
          throw new Error("undo");
        });
        await assert.rejects(failing, /undo/);
        assert.deepEqual(await conn.select("select * from t"), [], name);
        await conn.atomic(first);
        assert.ok((await conn.select("select * from t")).length > 0, name);
        await conn.sql("delete from t");
      }
    });
  });

  test("sends nothing at all where nothing is done in it", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    await db.withConnection(async (conn) => {
      const [before] = await db.fresh.exec<{ n: number }>(
        "select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()",
      );
      assert.ok(before);
      await conn.atomic(() => conn.atomic(() => 1));
      await assert.rejects(
        conn.atomic(() => {
          throw new Error("nothing");
        }),
        /nothing/,
      );
      const { query } = await conn.get<{ query: string }>(
        "select query from pg_stat_activity where pid = pg_backend_pid()",
      );
      assert.match(query, /pg_stat_activity/);
      assert.equal((await conn.get<{ n: boolean }>("select now() = statement_timestamp() as n")).n, true);
    });
  });

  test("fails as ever where its first statement does", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    await db.withConnection(async (conn) => {
      await conn.sql("create table t (n int)");
      for (const values of [[], [1]]) {
        const failing = conn.atomic(() =>
          conn.sql(`insert into nowhere values (${values.length ? "$1" : "1"})`, values),
        );
        await assert.rejects(failing, (error: DatabaseError) => error.sqlState === "42P01");
        assert.deepEqual(await conn.select("select * from t"), []);
      }
      // Caught inside, it has aborted the block.
      const caught = conn.atomic(async () => {
        await conn.sql("insert into nowhere values ($1)", [1]).catch(() => {});
      });
      await assert.rejects(caught, { name: "TransactionAbortedError" });
      // In a savepoint of its own it has not.
      await conn.atomic(async () => {
        await conn.atomic(() => conn.sql("insert into nowhere values ($1)", [1])).catch(() => {});
        await conn.sql("insert into t values ($1)", [7]);
      });
      assert.deepEqual(await conn.select("select n from t"), [{ n: 7 }]);
    });
  });

  test("has the isolation and the access that were asked for", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    const shown = await db.withConnection((conn) =>
      conn.atomic(
        () =>
          conn.get(
            "select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as ro",
          ),
        { isolation: "serializable", readOnly: true },
      ),
    );
    assert.deepEqual(shown, { level: "serializable", ro: "on" });
  });

  test("goes on with what its connection has prepared, also after failures in between", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    await db.withConnection((conn) => conn.sql("create table t (n int primary key)"));
    for (let round = 0; round < 4; round++) {
      await db.withConnection((conn) =>
        conn.atomic(async () => {
          for (let n = 0; n < 3; n++) {
            const insert = (): Promise<unknown> =>
              conn.atomic(() => conn.sql("insert into t (n) values ($1)", [round]));
            if (n === 0) await insert();
            else
              await assert.rejects(
                insert(),
                (error: unknown) => error instanceof DatabaseError && error.sqlState === "23505",
              );
          }
        }),
      );
    }
    assert.equal((await db.withConnection((conn) => conn.select("select n from t"))).length, 4);
  });

  test("is not broken by a column that was added, although its statement was prepared before", async (t) => {
    const db = await openPooled(KIND, t, { maxConnections: 1 });
    await db.withConnection((conn) => conn.sql("create table t (a int)"));
    const read = () =>
      db.withConnection((conn) =>
        conn.atomic(async () => [
          await conn.select("select * from t where a = $1", [1]),
          await conn.select("select a from t where a = $1", [1]),
          await conn.select("select count(*) from t where a = $1", [1]),
        ]),
      );
    for (let i = 0; i < 3; i++) await read();
    await db.fresh.exec("alter table t add column b int");
    for (let i = 0; i < 3; i++) await read();
  });
});
