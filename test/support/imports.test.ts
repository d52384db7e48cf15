import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOnly, importsOf } from "./imports.ts";

test("every form of import is found, and told whether it is of types alone", () => {
  const source = `
import "./effect.ts";
import one from "./one.ts";
import {
  two,
  type Two,
} from "./two.ts";
import type { Three } from "./three.ts";
import { type Four } from "./four.ts";
import * as five from 'node:five';
export * from "./six.ts";
export type { Seven } from "./seven.ts";
const eight = await import("./eight.ts");
type Nine = typeof import("./nine.ts");
export const ten = "./ten.ts";
`;
  assert.deepEqual(
    importsOf(source).map(({ specifier, types }) => `${specifier}${types ? " (types)" : ""}`),
    [
      "./effect.ts",
      "./one.ts",
      "./two.ts",
      "./three.ts (types)",
      "./four.ts (types)",
      "node:five",
      "./six.ts",
      "./seven.ts (types)",
      "./eight.ts",
      "./nine.ts (types)",
    ],
  );
});

test("what only looks like an import is none", () => {
  const source = [
    '// import a from "./comment.ts";',
    '/* import b from "./block.ts"; */',
    "const c = 'import c from \"./string.ts\"';",
    "const d = `",
    'import d from "./template.ts";',
    '${nested(`import e from "./inner.ts"`)} import("./text.ts")',
    "`;",
    'const f = /import "x"|`/.test(g); // a backtick in a regular expression opens no template',
    'const h = i / 2; import("./real.ts"); const j = k / 3;',
  ].join("\n");
  assert.deepEqual(
    importsOf(source).map(({ specifier }) => specifier),
    ["./real.ts"],
  );
});

test("what is not code is blank, and everything else stays in its place", () => {
  const source = "a(`x${b({ c: 1 })}y`, 'z'); // d\ne = /f'/;";
  assert.equal(codeOnly(source), "a(` ${b({ c: 1 })} `, ' ');     \ne =     ;");
  assert.equal(codeOnly(source).length, source.length);
});
