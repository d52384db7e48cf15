import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OptionError, sql } from "apocryphan";
import { FORMS, openForm } from "../support/open.ts";

const circle: { self?: unknown } = {};
circle.self = circle;

class Point {
  x = 1;
}

/** What no database has a form for, though the compiler lets it pass. */
const REFUSED: readonly [what: string, value: unknown, dialects?: string][] = [
  ["undefined", undefined],
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["a Date that is no date", new Date(Number.NaN)],
  ["an ArrayBuffer", new ArrayBuffer(3)],
  ["an object that holds itself", circle],
  ["an object that holds a bigint", { n: 1n }],
  [
    "an object whose toJSON throws",
    {
      toJSON() {
        throw new Error("no");
      },
    },
  ],
  ["a bigint of 65 bits", 2n ** 64n, "mysql sqlite"],
  ["a negative bigint of 65 bits", -(2n ** 63n) - 1n, "mysql sqlite"],
  ["a year that MySQL has no form for", new Date(Date.UTC(12_000, 0, 1)), "mysql"],
  ["a year before all counting", new Date(Date.UTC(-1000, 0, 1)), "mysql"],
];

for (const form of FORMS) {
  describe(`values on ${form.title}`, () => {
    test("what has no form in the database is refused before anything is sent, and the connection goes on", async (t) => {
      const db = await openForm(form, t);
      await db.withConnection(async (conn) => {
        for (const [what, value, dialects = db.dialect] of REFUSED) {
          if (!dialects.includes(db.dialect)) continue;
          const refused = (error: unknown): boolean =>
            error instanceof OptionError &&
            error.option === "params" &&
            /nothing was sent/.test(error.message);
          await assert.rejects(conn.select`select ${value} as x`, refused, what);
          await assert.rejects(async () => {
            for await (const _ of conn.cursor(sql`select ${value} as x`));
          }, refused);
          assert.throws(() => db.mogrify`select ${value}`, OptionError, what);
          assert.deepEqual(await conn.get`select 1 as one`, { one: 1 });
        }
      });
    });

    test("an object is JSON, of whatever class it is", async (t) => {
      const db = await openForm(form, t);
      const cast = sql.raw(db.dialect === "postgresql" ? "::text" : "");
      const bare = Object.assign(Object.create(null), { a: [1, null] });
      await db.withConnection(async () => {
        for (const value of [{ a: "x" }, new Point(), bare, new Map(), /x/]) {
          const row = await db.get<{ x: string }>`select ${value}${cast} as x`;
          assert.equal(row.x, JSON.stringify(value));
        }
      });
    });

    test("bytes are bytes, of whatever class their view is", async (t) => {
      const db = await openForm(form, t);
      const cast = sql.raw(db.dialect === "postgresql" ? "::bytea" : "");
      const { buffer } = Uint8Array.of(9, 1, 2, 9);
      await db.withConnection(async () => {
        for (const value of [
          new Uint8Array(buffer, 1, 2),
          new DataView(buffer, 1, 2),
          new Int8Array(buffer, 1, 2),
        ]) {
          const row = await db.get<{ x: Uint8Array }>`select ${value}${cast} as x`;
          assert.deepEqual([...row.x], [1, 2], value.constructor.name);
        }
      });
    });

    if (form.way.kind !== "mysql" && form.way.kind !== "sqlite") {
      test("decimals keep their digits in arrays too, and an array of too many parameters is refused", async (t) => {
        const db = await openForm(form, t);
        const digits = "12345678901234567890.1234567890";
        assert.deepEqual(await db.get(`select array[1.10, ${digits}, null]::numeric[] as x`), {
          x: ["1.10", digits, null],
        });
        const many = sql.join(Array.from({ length: 65_536 }, (_, i) => i));
        await assert.rejects(db.select`select 1 where 1 in (${many})`, OptionError);
      });
    }
  });
}

test("the parts of a template that don't fit are refused", () => {
  assert.throws(() => sql.raw(5 as never), /sql.raw takes a string/);
  assert.throws(() => sql.join(5 as never), /takes a list/);
  assert.throws(() => sql.join([1, 2], ", " as never), /separator of sql.join is a fragment/);
});
