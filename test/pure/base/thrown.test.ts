import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { isError, thrown } from "../../../src/base/thrown.ts";

class Refusal {
  readonly reason = "secret";
}

const CASES: readonly (readonly [unknown, string])[] = [
  ["out of paper", "out of paper"],
  [42n, "42"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("gone"), "Symbol(gone)"],
  [function retry() {}, "the function retry"],
  [{}, "an object without fields"],
  [{ id: 7 }, "an object with the field id"],
  [{ message: "", id: 7 }, "an object with the fields message, id"],
  [{ message: "quota exceeded", code: "E429", key: "secret" }, 'an object that says "quota exceeded" [E429]'],
  [new Refusal(), "an object of the class Refusal with the field reason"],
  [Object.assign(Object.create(null), { a: 1, b: 2 }), "an object with the fields a, b"],
  [["secret", "secret"], "an array of 2"],
  [
    Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`f${i}`, i])),
    "an object with the fields f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 3 more",
  ],
  [
    {
      get message() {
        throw new Error("no");
      },
    },
    "an object with the field message",
  ],
];

for (const [value, words] of CASES) {
  test(`what was thrown is told as: ${words}`, () => {
    assert.equal(thrown(value), words);
  });
}

test("an error of another realm is an error", () => {
  assert.equal(isError(runInNewContext("new TypeError('x')")), true);
  assert.equal(isError({ message: "x" }), false);
});
