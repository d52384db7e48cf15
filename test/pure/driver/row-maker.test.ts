import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { array, assert as check, constantFrom, oneof, property, string } from "fast-check";
import { makerOf } from "../../../src/driver/mariadb-values.ts";
import { rowMaker } from "../../../src/driver/row-maker.ts";

/** So many answers are more than enough for a function to be written. */
const OFTEN = 20;

/** Names that would do harm if they were code, or more than names. */
const odd = constantFrom(
  ...[
    "__proto__",
    "constructor",
    "toString",
    "then",
    "1",
    "0",
    "-1",
    "",
    " ",
    '"',
    "'",
    "`",
    "\\",
    '\\"',
    "${1}",
    "]",
    "\n",
  ],
  ...["\u2028", "\ud800", "values", '], x: process.exit(1), ["', "*/", "//", "é"],
);

function expected(columns: readonly string[], values: readonly unknown[]): [string, unknown][] {
  const row = new Map<string, unknown>();
  for (const [i, name] of columns.entries()) row.set(name, values[i]);
  return [...row];
}

test("rows are the same however often they come, and whatever their columns are called", () => {
  check(
    property(array(oneof(odd, string()), { maxLength: 12 }), (columns) => {
      const values = columns.map((_, i) => (i % 3 === 0 ? { i } : i));
      const wanted = new Map(expected(columns, values));
      for (let i = 0; i < OFTEN; i++) {
        const row = rowMaker(columns)(values);
        assert.equal(Object.getPrototypeOf(row), Object.prototype);
        const keys = Object.keys(row);
        assert.deepEqual(new Set(keys), new Set(wanted.keys()));
        for (const key of keys)
          assert.equal(Object.getOwnPropertyDescriptor(row, key)?.value, wanted.get(key));
      }
    }),
    { numRuns: 500 },
  );
});

test("keys stand in the order of the columns, also where two have one name", () => {
  const columns = ["b", "a", "b"];
  for (let i = 0; i < OFTEN; i++)
    assert.deepEqual(Object.entries(rowMaker(columns)([1, 2, 3])), [
      ["b", 3],
      ["a", 2],
    ]);
});

test("of many columns, and of several lists in turn, each gives its own rows", () => {
  const lists = [1, 5, 100, 101, 500].map((n) => Array.from({ length: n }, (_, i) => `c${i}`));
  for (let i = 0; i < OFTEN; i++) {
    for (const columns of lists) {
      const values = columns.map((_, n) => n + i);
      assert.deepEqual(rowMaker(columns)(values), Object.fromEntries(expected(columns, values)));
    }
  }
});

test("answers are counted, not rows: for a statement that is run once no function is kept", () => {
  const columns = ["a"];
  const make = makerOf(columns, { text: "select a", values: [] });
  for (let i = 0; i < 100; i++) assert.deepEqual(make([BigInt(i)]), { a: i });
  assert.notEqual(rowMaker(columns), rowMaker(columns));
  for (let i = 0; i < OFTEN; i++) makerOf(columns, { text: "select a", values: [] });
  assert.equal(rowMaker(columns), rowMaker(columns));
});

test("a program that takes no code made while it runs gets the same rows", () => {
  const file = JSON.stringify(new URL("../../../src/driver/row-maker.ts", import.meta.url).href);
  const code = `
    const { rowMaker } = await import(${file});
    let taken = true;
    try { new Function("return 1"); } catch { taken = false; }
    const columns = ["a", "__proto__"];
    let row;
    for (let i = 0; i < ${OFTEN}; i++) row = rowMaker(columns)([i, 2]);
    console.log(JSON.stringify([taken, Object.entries(row)]));`;
  const args = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(stdout, `[false,[["a",${OFTEN - 1}],["__proto__",2]]]\n`, stderr);
});
