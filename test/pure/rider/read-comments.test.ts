import assert from "node:assert/strict";
import { test } from "node:test";
import { readDescription } from "../../../src/rider/read/description.ts";
import { readDirectives, readIds, writeId } from "../../../src/rider/read/directives.ts";

for (const [name, text, description] of [
  ["a doc comment", "/** create table */\nimport x;", "create table"],
  ["a block", "/* create table */", "create table"],
  ["a line", "// create table\nimport x", "create table"],
  ["lines one after the other", "// create\n// table\n\n// more\n", "create\ntable"],
  ["a doc comment over several lines", "/**\n * create\n *   table\n *\n */", "create\n  table"],
  ["after a shebang and use strict", '#!/usr/bin/env node\n"use strict";\n// create table\n', "create table"],
  ["after a byte order mark, with CR LF", "\uFEFF// create\r\n// table\r\nx", "create\ntable"],
  ["after comments to a tool", "// @ts-check\n/* eslint-disable */\n// create table", "create table"],
  ["a tool's line above the description", "// biome-ignore lint: x\n// create table", "create table"],
  ["code first", "import x;\n/** no */", ""],
  ["nothing", "", ""],
  ["an empty comment first", "/** */\n// create table", "create table"],
  ["a comment that never ends", "/* create", ""],
] as const) {
  test(`the description of a module with ${name}`, () => {
    assert.equal(readDescription(text), description);
  });
}

test("directives and description in yoyo's form", () => {
  assert.deepEqual(
    readDirectives(
      "-- Create table foo\n-- depends: 1-a 2-b\n--transactional:  false\n\ncreate table foo (a int);",
    ),
    { depends: ["1-a", "2-b"], transactional: false, description: "Create table foo" },
  );
});

test("directives may come first, in any case, in several lines, with CR LF and a byte order mark", () => {
  assert.deepEqual(
    readDirectives("\uFEFF-- Depends: 1-a,2-b\r\n-- depends: 3-c\r\n-- the text\r\n-- goes on\r\nselect 1"),
    {
      depends: ["1-a", "2-b", "3-c"],
      transactional: undefined,
      description: "the text\ngoes on",
    },
  );
});

test("only comments before the first statement count", () => {
  assert.deepEqual(readDirectives("select 1;\n-- depends: 1-a\n-- text"), {
    depends: undefined,
    transactional: undefined,
    description: "",
  });
  assert.equal(readDirectives("/*!40101 set names utf8 */;\n-- text").description, "");
});

test("a block comment is a description, and holds no directives", () => {
  assert.deepEqual(readDirectives("/* create table\n * depends: 1-a\n */ select 1"), {
    depends: undefined,
    transactional: undefined,
    description: "create table\ndepends: 1-a",
  });
});

test("a sentence with a colon stays a sentence", () => {
  assert.equal(
    readDirectives("-- Dependency: see the wiki\nselect 1").description,
    "Dependency: see the wiki",
  );
  assert.equal(readDirectives("-- note: 1-a\nselect 1").description, "note: 1-a");
});

test("an empty depends line says that there are none", () => {
  assert.deepEqual(readDirectives("-- depends:\nselect 1").depends, []);
});

test("ids with spaces are told apart by their numbers, and by quotes", () => {
  assert.deepEqual(readIds("1-add contacts 2-b  3-c d e"), ["1-add contacts", "2-b", "3-c d e"]);
  assert.deepEqual(readIds(`"1-a 2-b" 3-c, '4-d'`), ["1-a 2-b", "3-c", "4-d"]);
  assert.deepEqual(readIds("1-a  b"), ["1-a  b"]);
  for (const id of ["1-a", "1-a b", "1-a 2-b", "1-a, b"]) assert.deepEqual(readIds(writeId(id)), [id]);
});

for (const [text, message] of [
  [
    "-- depend: 1-a",
    `"-- depend:" looks like "-- depends:" and would be passed over as a comment. Write "-- depends: 1-a". (line 1, column 1) (RIDER)`,
  ],
  [
    "\n-- transactionl: false",
    `"-- transactionl:" looks like "-- transactional:" and would be passed over as a comment. Write "-- transactional: false". (line 2, column 1) (RIDER)`,
  ],
  [
    "-- transactional: maybe",
    `"-- transactional:" takes true or false, and says "maybe". (line 1, column 1) (RIDER)`,
  ],
  [
    "-- transactional: false\n-- transactional: true",
    `"-- transactional:" is said twice, once true and once false. Keep one. (line 2, column 1) (RIDER)`,
  ],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => readDirectives(text), { message });
  });
}
