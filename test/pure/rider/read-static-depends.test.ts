import assert from "node:assert/strict";
import { test } from "node:test";
import { staticDepends } from "../../../src/rider/read/static-depends.ts";

for (const [text, wanted] of [
  ["export const depends = [\"1-a\", '2-b', `3-c`];", ["1-a", "2-b", "3-c"]],
  [
    '// x\nexport const depends: string[] = [\n  "1-a", // why\n  "2-b",\n];\nexport const steps = [];',
    ["1-a", "2-b"],
  ],
  ["export const depends = [] as const;", []],
  ["export const depends: readonly string[] = [];", []],
  ["export const steps = [];", []],
  ["/* export const depends = ['1-a'] */ export const steps = [];", []],
  ["// depends on nothing", []],
  ["", []],
  ['export const depends = ["1-a"].concat(more);', null],
  ["export const depends = [one];", null],
  ["export const depends = [`a${b}`];", null],
  ['export const depends = ["a\\u0062"];', null],
  ['const depends = ["1-a"]; export { depends };', null],
  ['export const depends = ["1-a"];\ndepends.push("2-b");', null],
  ["step('it depends')", null],
  ['const s = `\nexport const depends = ["1-a"];\n`; export const x = "depends";', null],
  ['export const x = 4 / 2; export const depends = ["1-a"];', null],
  ['import { depends } from "./other.ts"; export { depends };', null],
  ["export const depends = ['1-a' '2-b'];", null],
  ['export const depends = ["1-a",', null],
] as const) {
  test(`${JSON.stringify(text)} gives ${JSON.stringify(wanted)}`, () => {
    assert.deepEqual(staticDepends(text), wanted);
  });
}
