import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { test } from "node:test";
import { readDescription } from "../../../src/rider/read/description.ts";
import { readDirectives } from "../../../src/rider/read/directives.ts";
import { scaffold, scaffoldId } from "../../../src/rider/read/scaffold-text.ts";
import { splitStatements } from "../../../src/rider/read/statements.ts";
import { staticDepends } from "../../../src/rider/read/static-depends.ts";

const id = "1602721237-add-contacts-table";

test("the id is the time in whole seconds and the words", () => {
  assert.equal(scaffoldId("Add contacts table", 1602721237.9), id);
});

test("a TypeScript scaffold", () => {
  assert.deepEqual(scaffold("ts", { message: "add contacts table", depends: ["1-a", "2-b"], id }), {
    name: `${id}.ts`,
    text: `/** add contacts table */
import { step } from "apocryphan/rider";

export const depends = ["1-a", "2-b"];

export const steps = [step("")];
`,
  });
  assert.match(
    scaffold("ts", { message: "x", depends: [], id }).text,
    /^export const depends: string\[\] = \[\];$/m,
  );
});

test("an SQL scaffold", () => {
  assert.deepEqual(scaffold("sql", { message: "add contacts table", depends: ["1-a", "2-b c"], id }), {
    name: `${id}.sql`,
    text: "-- add contacts table\n-- depends: 1-a 2-b c\n\n",
  });
  assert.equal(scaffold("sql", { message: "x", depends: [], id }).text, "-- x\n\n");
});

for (const message of [
  'say """hi"""',
  "*/ process.exit() /*",
  "a\nb\r\nimport x;",
  "`${1}` \\u0041 \\",
  "depends: 9-z",
  "transactional: false",
  "*/*/",
  "",
  " ",
  "\u2028drop table t;\u2029x",
  "\u001B[2J\u202Eabc",
  "/",
  "/* a",
]) {
  test(`whatever the message says, it stays one: ${JSON.stringify(message)}`, () => {
    const depends = ['1-it\'s "quoted" 2-b', "3-c"];
    const ts = scaffold("ts", { message, depends, id }).text;
    assert.deepEqual(staticDepends(ts) ?? JSON.parse(/depends = (.*);/.exec(ts)?.[1] ?? ""), depends);
    assert.notEqual(readDescription(ts), "");
    assert.equal(stripTypeScriptTypes(ts).includes('step("")'), true);
    // Without its comment, nothing but the scaffold is left.
    assert.equal(
      ts.slice(ts.indexOf("*/") + 2).startsWith('\nimport { step } from "apocryphan/rider";\n'),
      true,
    );

    const sql = scaffold("sql", { message, depends: ["1-a b", "3-c"], id }).text;
    assert.deepEqual(readDirectives(sql).depends, ["1-a b", "3-c"]);
    assert.equal(readDirectives(sql).transactional, undefined);
    assert.notEqual(readDirectives(sql).description, "");
    for (const dialect of ["postgresql", "mysql", "sqlite"] as const)
      assert.deepEqual(splitStatements(sql, dialect), []);
  });
}
