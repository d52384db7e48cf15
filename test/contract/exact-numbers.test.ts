import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FORMS, openForm } from "../support/open.ts";

const DECIMAL = "12345678901234567890.012345678901234567";
const LARGE = 9_007_199_254_740_993n;
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Expressions with what they have to give, and what is to be there before. */
const EXACT: Record<string, { before?: string[]; values: readonly (readonly [string, unknown])[] }> = {
  postgresql: {
    before: [
      "create domain price as numeric",
      "create domain prices as numeric[]",
      "create domain tally as bigint",
      "create type pair as (big bigint, deci numeric)",
    ],
    values: [
      [`'${LARGE}'::bigint`, LARGE],
      [`'${LEAST}'::bigint`, LEAST],
      ["'5'::bigint", 5],
      [`'${DECIMAL}'::numeric`, DECIMAL],
      ["'5'::numeric", "5"],
      [`array['${LARGE}', null, '-7', '${LEAST}']::bigint[]`, [LARGE, null, -7, LEAST]],
      [`array[['${MOST}'], ['1']]::bigint[]`, [[MOST], [1]]],
      [`array['${DECIMAL}', null, '-0.50']::numeric[]`, [DECIMAL, null, "-0.50"]],
      [`array[['${DECIMAL}'], ['NaN']]::numeric[]`, [[DECIMAL], ["NaN"]]],
      ["'{}'::numeric[]", []],
      [`'${DECIMAL}'::price`, DECIMAL],
      [`array['${DECIMAL}']::prices`, [DECIMAL]],
      [`'${LARGE}'::tally`, LARGE],
      [`array['${DECIMAL}'::price]`, `{${DECIMAL}}`],
      ["'90071992547409.93'::money::numeric", "90071992547409.93"],
      [`numrange('1', '${DECIMAL}')`, `[1,${DECIMAL})`],
      [`int8range('1', '${LARGE}')`, `[1,${LARGE})`],
      [`row('${LARGE}', '${DECIMAL}')::pair`, `(${LARGE},${DECIMAL})`],
      [`sum(x) from (values (${MOST}::bigint), (1)) as t (x)`, String(MOST + 1n)],
      [`to_jsonb('${LARGE}'::bigint)::text`, String(LARGE)],
    ],
  },
  mysql: {
    values: [
      [`cast('${LARGE}' as signed)`, LARGE],
      [`cast('${LEAST}' as signed)`, LEAST],
      [`cast('${2n ** 64n - 1n}' as unsigned)`, 2n ** 64n - 1n],
      ["cast('5' as unsigned)", 5],
      [`cast('${DECIMAL}' as decimal(65, 18))`, DECIMAL],
      ["cast('5' as decimal(10, 2))", "5.00"],
      [`cast(json_extract('{"big": ${LARGE}}', '$.big') as char)`, String(LARGE)],
      [`sum(x) from (select ${MOST} as x union select 1) as t`, String(MOST + 1n)],
    ],
  },
  sqlite: {
    values: [
      [`${LARGE}`, LARGE],
      [`cast('${LEAST}' as integer)`, LEAST],
      [`${MOST}`, MOST],
      ["5", 5],
      [`sum(x) from (select ${LARGE} as x union select 1)`, LARGE + 1n],
      [`json_extract('{"big": ${LARGE}}', '$.big')`, LARGE],
    ],
  },
};

for (const form of FORMS) {
  describe(`exact numbers on ${form.title}`, () => {
    test("no digit is lost: with values and without, in a cursor and in a transaction", async (t) => {
      const db = await openForm(form, t);
      const { before = [], values } = EXACT[
        form.way.kind === "sqlite" ? "sqlite" : db.dialect
      ] as (typeof EXACT)[string];
      for (const text of before) await db.sql(text);
      const mark = db.dialect === "postgresql" ? "$1::int" : "?";
      for (const [expression, expected] of values) {
        const [what, from = ""] = expression.split(/(?= from )/);
        const plain = `select ${what} as x, 7 as seven${from}`;
        const bound = `select ${what} as x, ${mark} as seven${from}`;
        const rows: unknown[] = [await db.get(plain), await db.get(bound, [7])];
        // Once more, now that it may be prepared.
        rows.push(await db.get(bound, [7]), await db.get(bound, [7]));
        for await (const row of db.cursor(plain)) rows.push(row);
        for await (const row of db.cursor(bound, [7])) rows.push(row);
        await db.atomic(async () => rows.push(await db.get(plain), await db.get(bound, [7])));
        assert.equal(rows.length, 8);
        for (const row of rows) assert.deepEqual((row as { x: unknown }).x, expected, expression);
      }
    });
  });
}
