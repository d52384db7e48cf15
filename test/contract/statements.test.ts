import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseError, NoRowError, OptionError, sql } from "apocryphan";
import { contactsTable, FORMS, openForm } from "../support/open.ts";

for (const form of FORMS) {
  const { kind } = form.way;
  describe(`statements on ${form.title}`, () => {
    const open = async (t: { after(fn: () => Promise<void>): void }) => {
      const db = await openForm(form, t);
      await db.sql(contactsTable(db.dialect));
      return db;
    };
    const mark = kind === "mysql" || kind === "sqlite" ? () => "?" : (n: number) => `$${n}`;

    test("sql gives the number of changed rows", async (t) => {
      const db = await open(t);
      assert.equal((await db.sql("insert into contacts (name) values ('a'), ('b')")).rowCount, 2);
      assert.equal((await db.sql("update contacts set age = 1")).rowCount, 2);
      assert.equal((await db.sql("delete from contacts where name = 'nobody'")).rowCount, 0);
      assert.equal((await db.sql("create table other (id int)")).rowCount, 0);
    });

    test("select, get and getOrNone give plain objects", async (t) => {
      const db = await open(t);
      await db.sql(`insert into contacts (name, age) values (${mark(1)}, ${mark(2)})`, ["Ada", 36]);
      const rows = await db.select("select name, age from contacts");
      assert.deepEqual(rows, [{ name: "Ada", age: 36 }]);
      assert.equal(Object.getPrototypeOf(rows[0]), Object.prototype);
      assert.deepEqual(await db.get`select age from contacts where name = ${"Ada"}`, { age: 36 });
      assert.equal(await db.getOrNone`select age from contacts where name = ${"Bob"}`, null);
      await assert.rejects(db.get`select age from contacts where name = ${"Bob"}`, NoRowError);
    });

    test("insert gives the new row's key", async (t) => {
      const db = await open(t);
      const plain = await db.insert`insert into contacts (name) values (${"a"})`;
      assert.equal(plain, db.dialect === "postgresql" ? null : 1);
      const returned = await db.insert`insert into contacts (name) values (${"b"}) returning id`;
      assert.equal(returned, 2);
    });

    test("a template composes with names, lists, raw text and fragments", async (t) => {
      const db = await open(t);
      await db.sql`insert into contacts (name, age) values ${sql.join([sql`(${"a"}, ${1})`, sql`(${"b"}, ${2})`, sql`(${"c"}, ${3})`])}`;
      const where = sql`age in (${sql.join([1, 3])})`;
      const query = sql`select ${sql.identifier("name")} from ${sql.identifier("contacts")} where ${where} ${sql.raw("order by 1 desc")}`;
      assert.deepEqual(await db.select(query), [{ name: "c" }, { name: "a" }]);
      assert.deepEqual(await db.select`select count(*) as n from contacts where ${where}`, [{ n: 2 }]);
    });

    test("a value is never text: a quote in it stays a quote", async (t) => {
      const db = await open(t);
      const evil = `'); drop table contacts; --\\'"?$1`;
      await db.sql`insert into contacts (name) values (${evil})`;
      assert.deepEqual(await db.get`select name from contacts`, { name: evil });
    });

    test("a text without parameters reaches the database byte for byte", async (t) => {
      const db = await open(t);
      await db.sql("insert into contacts (name) values ('100% of ? and %s and $1 and :x')");
      assert.deepEqual(await db.get`select name from contacts`, { name: "100% of ? and %s and $1 and :x" });
    });

    test("64-bit integers and decimals lose no digit", async (t) => {
      const db = await open(t);
      await db.sql("create table numbers (big bigint, deci decimal(30, 10))");
      const big = 9_007_199_254_740_993n;
      if (kind === "sqlite") await db.sql`insert into numbers (big) values (${big})`;
      else await db.sql`insert into numbers values (${big}, ${"12345678901234567890.0123456789"})`;
      assert.deepEqual(await db.get`select big from numbers where big = ${big}`, { big });
      assert.equal(await db.getOrNone`select big from numbers where big = ${big - 1n}`, null);
      if (kind !== "sqlite")
        assert.deepEqual(await db.get`select deci from numbers`, { deci: "12345678901234567890.0123456789" });
      await db.sql`update numbers set big = ${5}`;
      assert.deepEqual(await db.get`select big from numbers`, { big: 5 });
      await db.sql`update numbers set big = ${-(2n ** 63n)}`;
      assert.deepEqual(await db.get`select big from numbers`, { big: -(2n ** 63n) });
    });

    test("bytes, null, unicode and dates come back as they went", async (t) => {
      const db = await open(t);
      const blob = { postgresql: "bytea", mysql: "blob", sqlite: "blob" }[db.dialect];
      const instant = { postgresql: "timestamptz", mysql: "datetime(3)", sqlite: "text" }[db.dialect];
      await db.sql(`create table things (bytes ${blob}, missing int, words text, moment ${instant})`);
      const bytes = Buffer.from([0, 1, 127, 128, 255]);
      const moment = new Date("2026-02-03T04:05:06.789Z");
      await db.sql`insert into things values (${bytes}, ${null}, ${"日本 🦊"}, ${moment})`;
      const row = await db.get<{
        bytes: Uint8Array;
        missing: null;
        words: string;
        moment: Date | string;
      }>`select * from things`;
      assert.deepEqual(Buffer.from(row.bytes), bytes);
      assert.equal(row.missing, null);
      assert.equal(row.words, "日本 🦊");
      assert.equal(new Date(row.moment).getTime(), moment.getTime());
    });

    test("limit takes a number", async (t) => {
      const db = await open(t);
      await db.sql`insert into contacts (name) values ('a'), ('b'), ('c')`;
      assert.equal((await db.select`select * from contacts limit ${2}`).length, 2);
    });

    test("mogrify puts values in place and sends nothing", async (t) => {
      const db = await open(t);
      assert.equal(db.mogrify`select ${"O'Hara"}, ${5}, ${null}`, "select 'O''Hara', 5, null");
      assert.equal(
        db.mogrify(`select '${mark(1)} ?' as a, ${mark(1)}, ${mark(2)} -- ${mark(3)}`, [1, "b"]),
        `select '${mark(1)} ?' as a, 1, 'b' -- ${mark(3)}`,
      );
    });

    test("a cursor reads in batches, and can be left early", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        await db.sql`insert into contacts (name) values ${sql.join(Array.from({ length: 25 }, (_, i) => sql`(${`n${i}`})`))}`;
        const names: string[] = [];
        for await (const { name } of db.cursor<{ name: string }>("select name from contacts order by id", {
          batch: 7,
        }))
          names.push(name);
        assert.deepEqual(
          names,
          Array.from({ length: 25 }, (_, i) => `n${i}`),
        );
        for await (const row of db.cursor`select id from contacts order by id`) {
          assert.deepEqual(row, { id: 1 });
          break;
        }
        assert.deepEqual(await db.get`select count(*) as n from contacts`, { n: 25 });
      });
    });

    test("a cursor whose statement fails throws, and the connection goes on", async (t) => {
      const db = await open(t);
      await db.withConnection(async () => {
        for (const query of ["select * from nowhere", "selekt"]) {
          await assert.rejects(
            async () => {
              for await (const _ of db.cursor(query)) assert.fail("there is no row");
            },
            { code: "DATABASE_ERROR" },
          );
        }
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
      });
    });

    test("a statement inside a cursor's loop runs or throws ConnectionBusyError, and never hangs", async (t) => {
      const db = await open(t);
      await db.sql`insert into contacts (name) values ('a'), ('b')`;
      await db.withConnection(async () => {
        let seen = 0;
        for await (const _ of db.cursor("select id from contacts", { batch: 1 })) {
          seen++;
          const inside = db.get`select 1 as one`;
          if (db.dialect === "sqlite") assert.deepEqual(await inside, { one: 1 });
          else await assert.rejects(inside, { code: "CONNECTION_BUSY" });
        }
        assert.equal(seen, 2);
        assert.deepEqual(await db.get`select 1 as one`, { one: 1 });
      });
    });

    test("a refused statement tells its code, its kind and its text, and no value", async (t) => {
      const db = await open(t);
      const secret = "hunter2-very-secret";
      await db.sql`insert into contacts (name) values (${secret})`;
      const error = await db.sql`insert into contacts (name) values (${secret})`.catch((e: unknown) => e);
      assert.ok(error instanceof DatabaseError);
      assert.equal(error.kind, "unique");
      assert.match(error.statement, /^insert into contacts \(name\) values \([$?]1?\)$/);
      const { inspect } = await import("node:util");
      const { cause } = error;
      assert.ok(cause instanceof Error, "the driver's own error is reachable");
      // What loggers do that ask no error how it wants to be shown: console.dir, pino, Sentry, a message to another thread.
      const plain = { customInspect: false, depth: 9 };
      for (const shown of [
        error.message,
        String(error.stack),
        inspect(error, { depth: 9, showHidden: true }),
        JSON.stringify(error),
        inspect(error, plain),
        inspect(structuredClone(error), plain),
        `${cause.message} ${cause.stack}`,
        JSON.stringify({ ...cause }),
      ]) {
        assert.doesNotMatch(shown, /hunter2/);
      }
      assert.match(cause.message, kind === "sqlite" ? /UNIQUE/i : /duplicate/i);
      assert.match(String(cause.stack), /^.*\n\s+at /);
      const { detail, serverMessage } = cause as { detail?: string; serverMessage?: string };
      if (kind !== "sqlite") assert.match(`${detail} ${serverMessage}`, /hunter2/, "by name it can be read");
      await assert.rejects(db.sql("selekt 1"), { kind: kind === "sqlite" ? "other" : "syntax" });
    });

    test("bad arguments are refused before anything is sent", async (t) => {
      const db = await open(t);
      await assert.rejects(db.select(5 as never), OptionError);
      await assert.rejects(db.select("select 1", "x" as never), OptionError);
      await assert.rejects(db.select("select 1", { timeot: 5 } as never), /Did you mean "timeout"/);
      await assert.rejects(db.select("select 1", { timeout: "5 parsecs" }), OptionError);
      await assert.rejects(db.select`select ${undefined}`, /undefined/);
      await assert.rejects(db.select(sql`select 1`, [1]), OptionError);
      assert.throws(() => sql.join([]), OptionError);
      assert.throws(() => db.cursor("select 1", { batch: 0 }), OptionError);
      if (kind === "sqlite" || kind === "mysql")
        await assert.rejects(db.select("select ?, ?", [1]), /2 placeholders/);
      if (kind === "sqlite")
        await assert.rejects(
          db.sql("insert into contacts (name) values ('x'); delete from contacts"),
          /several/,
        );
      assert.deepEqual(await db.select`select * from contacts`, []);
    });
  });
}
