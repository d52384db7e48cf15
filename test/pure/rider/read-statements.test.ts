import assert from "node:assert/strict";
import { test } from "node:test";
import { UnreadableError } from "../../../src/rider/model/errors.ts";
import { splitStatements } from "../../../src/rider/read/statements.ts";
import { corpus } from "./corpus.ts";

for (const dialect of ["postgresql", "mysql", "sqlite"] as const) {
  for (const { name, text, statements, refused } of corpus(dialect)) {
    if (refused !== undefined) {
      test(`${dialect}: ${name}, is refused`, () => {
        assert.throws(
          () => splitStatements(text, dialect),
          (error) =>
            error instanceof UnreadableError && error.message.includes(refused) && error.line !== undefined,
        );
      });
      continue;
    }
    for (const [ends, source] of [
      ["", text],
      [" with CR LF", text.replaceAll("\n", "\r\n")],
    ] as const) {
      test(`${dialect}: ${name}${ends}`, () => {
        const found = splitStatements(source, dialect);
        const wanted = statements.map((one) => (ends ? one.text.replaceAll("\n", "\r\n") : one.text));
        assert.deepEqual(
          found.map((one) => one.text),
          wanted,
        );
        for (const { text: piece, offset } of found)
          assert.equal(source.slice(offset, offset + piece.length), piece);
        if (!ends)
          assert.deepEqual(
            found.map((one) => one.offset),
            statements.map((one) => one.offset),
          );
      });
    }
  }
}

test("line and column are those of the statement's first word", () => {
  const text = "\uFEFF-- a\r\n  select 1;\n/* b\n*/ select\n2; é select 3";
  assert.deepEqual(
    splitStatements(text, "postgresql").map(({ line, column }) => [line, column]),
    [
      [2, 3],
      [4, 4],
      [5, 4],
    ],
  );
});

test("an unterminated quote is refused where it begins", () => {
  assert.throws(() => splitStatements("select 1;\n  select 'abc", "sqlite"), {
    message: "Here begins a quote (') that never ends. Close it. (line 2, column 10) (RIDER)",
  });
});

test("a megabyte of inserts is split in well under a second", () => {
  const text = "insert into t values (1, 'it''s; so', \"x\");\n".repeat(25_000);
  const begun = performance.now();
  assert.equal(splitStatements(text, "mysql").length, 25_000);
  assert.ok(performance.now() - begun < 2000);
});

test("a long last statement after DELIMITER takes no longer than others", () => {
  const text = `delimiter //\n${"select 1;\n".repeat(100_000)}`;
  const begun = performance.now();
  assert.equal(splitStatements(text, "mysql").length, 1);
  assert.ok(performance.now() - begun < 2000);
});
