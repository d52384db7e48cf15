import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NoConnectionError, OptionError } from "apocryphan";
import { KINDS } from "../support/database.ts";
import { contactsTable, FORMS, openForm, openPooled } from "../support/open.ts";

type Context = { after(fn: () => Promise<void>): void };

for (const form of FORMS) {
  describe(`atomic on ${form.title}`, () => {
    const open = async (t: Context) => {
      const db = await openForm(form, t);
      await db.sql(contactsTable(db.dialect));
      const names = async () =>
        (await db.select<{ name: string }>("select name from contacts order by name")).map(
          ({ name }) => name,
        );
      const add = (name: string) => db.sql`insert into contacts (name) values (${name})`;
      return Object.assign(db, { names, add });
    };

    test("commits what its function did, and gives its value", async (t) => {
      const db = await open(t);
      const value = await db.atomic(async () => {
        assert.equal(db.isTrans, true);
        await db.add("a");
        return 5;
      });
      assert.equal(value, 5);
      assert.equal(db.isTrans, false);
      assert.deepEqual(await db.names(), ["a"]);
    });

    test("rolls back and throws on what its function throws", async (t) => {
      const db = await open(t);
      const mine = new Error("mine");
      await assert.rejects(
        db.atomic(async () => {
          await db.add("a");
          throw mine;
        }),
        mine,
      );
      assert.deepEqual(await db.names(), []);
    });

    test("commit: false always rolls back and gives the value", async (t) => {
      const db = await open(t);
      const seen = await db.atomic(
        async () => {
          await db.add("a");
          return db.names();
        },
        { commit: false },
      );
      assert.deepEqual(seen, ["a"]);
      assert.deepEqual(await db.names(), []);
    });

    test("atomic inside atomic is a savepoint", async (t) => {
      const db = await open(t);
      await db.atomic(async () => {
        await db.add("a");
        await assert.rejects(
          db.atomic(async () => {
            await db.add("b");
            await db.add("a");
          }),
          { kind: "unique" },
        );
        await db.atomic(async () => db.add("c"));
        await db.atomic(async () => db.add("d"), { commit: false });
      });
      assert.deepEqual(await db.names(), ["a", "c"]);
    });

    test("blocks started side by side on one connection run one after the other", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        const log: string[] = [];
        const block = (name: string, fail: boolean) =>
          db.atomic(async () => {
            log.push(`${name} in`);
            await db.add(name);
            await new Promise((resolve) => setImmediate(resolve));
            await db.add(`${name}2`);
            log.push(`${name} out`);
            if (fail) throw new Error(name);
          });
        const ends = await Promise.allSettled([block("a", false), block("b", true), block("c", false)]);
        assert.deepEqual(
          ends.map(({ status }) => status),
          ["fulfilled", "rejected", "fulfilled"],
        );
        assert.deepEqual(log, ["a in", "a out", "b in", "b out", "c in", "c out"]);
        assert.deepEqual(await db.names(), ["a", "a2", "c", "c2"]);
      });
    });

    test("a statement issued outside a block never runs inside it", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        let inside: () => void = () => {};
        const entered = new Promise<void>((resolve) => {
          inside = resolve;
        });
        const block = db.atomic(async () => {
          await db.add("inside");
          inside();
          await new Promise((resolve) => setTimeout(resolve, 20));
          throw new Error("rolled back");
        });
        await entered;
        const outside = db.add("outside");
        await assert.rejects(block, /rolled back/);
        await outside;
        assert.deepEqual(await db.names(), ["outside"]);
      });
    });

    test("what was issued inside and not awaited still belongs inside", async (t) => {
      const db = await open(t);
      await db.atomic(async () => {
        void db.add("a");
        void db.atomic(async () => {
          await db.add("b");
        });
      });
      assert.deepEqual(await db.names(), ["a", "b"]);
    });

    test("a statement from a block that has ended is refused, and nothing is sent", async (t) => {
      const db = await open(t);
      const ended = Promise.withResolvers<void>();
      let late: Promise<unknown> = Promise.resolve();
      await db.withConnection(async () => {
        await db.atomic(async () => {
          late = ended.promise.then(() => db.add("late"));
          await db.add("in time");
        });
        ended.resolve();
        await assert.rejects(late, { code: "TRANSACTION_ENDED" });
        assert.deepEqual(await db.names(), ["in time"]);
      });
    });

    test("where a failed statement was caught and the database aborts the transaction, atomic says so", async (t) => {
      const db = await open(t);
      await db.add("a");
      const run = db.atomic(async () => {
        await db.add("b");
        await db.add("a").catch(() => {});
      });
      if (db.dialect === "postgresql") {
        await assert.rejects(run, { code: "TRANSACTION_ABORTED" });
        assert.deepEqual(await db.names(), ["a"]);
      } else {
        await run;
        assert.deepEqual(await db.names(), ["a", "b"]);
      }
      await db.add("z");
    });

    test("a transaction begun by hand is respected: atomic in it is a savepoint", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        await db.sql("begin");
        await db.add("a");
        await db.atomic(async () => db.add("b"));
        await db.sql("rollback");
        assert.deepEqual(await db.names(), []);
      });
    });

    test("readOnly refuses writes, and ends with the block", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        await assert.rejects(
          db.atomic(async () => db.add("a"), { readOnly: true }),
          { code: "DATABASE_ERROR" },
        );
        await db.add("b");
        assert.deepEqual(await db.names(), ["b"]);
      });
    });

    test("isolation is set for the block", async (t) => {
      const db = await open(t);
      await db.atomic(
        async () => {
          if (db.dialect === "postgresql") {
            assert.deepEqual(await db.get("show transaction_isolation"), {
              transaction_isolation: "serializable",
            });
          }
          await db.add("a");
        },
        { isolation: "serializable" },
      );
      assert.deepEqual(await db.names(), ["a"]);
      await assert.rejects(
        db.atomic(() => db.atomic(() => 1, { isolation: "serializable" })),
        OptionError,
      );
      await assert.rejects(
        db.atomic(() => 1, { isolation: "chaos" as never }),
        OptionError,
      );
      await assert.rejects(
        db.atomic(() => 1, { retrys: 3 } as never),
        /Did you mean "retries"/,
      );
    });

    test("close() inside a block rolls it back and ends the connection", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        await assert.rejects(
          db.atomic(async () => {
            await db.add("a");
            assert.equal(await db.close(), true);
          }),
          { code: "CONNECTION_CLOSED" },
        );
      });
      assert.deepEqual(await db.names(), []);
    });

    test("atomic without a connection takes one with autoconnect, else says what to do", async (t) => {
      const on = await openPooled(form.way, t, { autoconnect: true, maxConnections: 1, timeout: "5s" });
      await on.sql(contactsTable(on.dialect));
      await on.atomic(async () => {
        await on.sql`insert into contacts (name) values ('a')`;
        await on.atomic(async () => on.sql`insert into contacts (name) values ('b')`);
      });
      assert.deepEqual(await on.get`select count(*) as n from contacts`, { n: 2 });
      const off = await openPooled(form.way, t);
      await assert.rejects(
        off.atomic(() => 1),
        NoConnectionError,
      );
    });
  });
}

for (const kind of KINDS.filter((kind) => kind !== "sqlite")) {
  test(`retries runs the block again after a deadlock on ${kind}`, async (t) => {
    const db = await openPooled(kind, t, { maxConnections: 3, timeout: "10s" });
    await db.withConnection(async () => {
      await db.sql("create table accounts (id int primary key, balance int)");
      await db.sql("insert into accounts values (1, 100), (2, 100)");
    });
    let runs = 0;
    const transfer = (from: number, to: number, met: Promise<void>, tell: () => void) =>
      db.withConnection(() =>
        db.atomic(
          async () => {
            runs++;
            await db.sql`update accounts set balance = balance - 10 where id = ${from}`;
            tell();
            await met;
            await db.sql`update accounts set balance = balance + 10 where id = ${to}`;
          },
          { retries: 5 },
        ),
      );
    const [a, b] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await Promise.all([transfer(1, 2, b.promise, a.resolve), transfer(2, 1, a.promise, b.resolve)]);
    // The victim may take its first row again before the other, which waits for that row, is awake: then they meet once more.
    assert.ok(runs >= 3, `one of the two was the victim, and ran again; ${runs} runs`);
    await db.withConnection(async () => {
      assert.deepEqual(await db.select("select balance from accounts"), [{ balance: 100 }, { balance: 100 }]);
    });
  });
}
