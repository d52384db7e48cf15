import assert from "node:assert/strict";
import { basename, join, normalize } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { readDescription } from "../../../src/rider/read/description.ts";
import { readDirectives, readIds, writeId } from "../../../src/rider/read/directives.ts";
import { parseFileName } from "../../../src/rider/read/file-name.ts";
import { safeName } from "../../../src/rider/read/safe-name.ts";
import { scaffold, scaffoldId } from "../../../src/rider/read/scaffold-text.ts";

const messages = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(
      "../",
      "/",
      "\\",
      "..",
      "*/",
      "/*",
      "--",
      "`",
      '"',
      "'",
      "\n",
      "\u0000",
      " ",
      "a",
      "%",
    ),
    maxLength: 30,
  }),
);

test("any message makes a file name that is a migration's, stays in its folder, and fits a file system", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const words = safeName(message);
      assert.match(words, /^[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*$/u);
      assert.ok(Buffer.byteLength(words) <= 100);
      assert.equal(safeName(words), words, "a safe name stays as it is");
      for (const form of ["ts", "sql"] as const) {
        const { name } = scaffold(form, { message, depends: [], id: scaffoldId(message, 1602721237) });
        assert.equal(parseFileName(name)?.ending, form);
        assert.equal(basename(name), name);
        assert.equal(normalize(join("/m", name)), `/m/${name}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test("any message is read back as a description, and as nothing else", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const options = { message, depends: ["1-a", "2-b c"], id: "3-x" };
      assert.notEqual(readDescription(scaffold("ts", options).text), "");
      const sql = readDirectives(scaffold("sql", options).text);
      assert.deepEqual(sql.depends, ["1-a", "2-b c"]);
      assert.equal(sql.transactional, undefined);
      assert.notEqual(sql.description, "");
    }),
    { numRuns: 1000 },
  );
});

test("ids of any words are read back from a depends line", () => {
  const words = fc.string({
    unit: fc.constantFrom("a", " ", "-", "2", "é", ",", "'", ".", "b"),
    minLength: 1,
    maxLength: 12,
  });
  const id = fc
    .tuple(fc.nat(), words)
    .map(([number, text]) => `${number}-${text.trim() || "x"}`)
    .filter((text) => parseFileName(`${text}.sql`) !== null);
  fc.assert(
    fc.property(fc.array(id, { maxLength: 5 }), (ids) => {
      assert.deepEqual(readIds(ids.map(writeId).join(" ")), ids);
    }),
    { numRuns: 2000 },
  );
});
