import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DialectName } from "../../../src/rider/model/dialect.ts";
import { UnreadableError } from "../../../src/rider/model/errors.ts";
import { splitStatements } from "../../../src/rider/read/statements.ts";

/** Pieces that stand in a statement whole, whatever is inside of them. */
const INSIDE: Record<DialectName, readonly ((text: string) => string)[]> = {
  postgresql: [
    (text) => `'${text.replaceAll("'", "''")}'`,
    (text) => `"${text.replaceAll('"', '""')}"`,
    (text) => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (text) => `$tag$${text.replaceAll("$tag$", "")}$tag$`,
    (text) => `/* ${text.replaceAll(/[*/]/g, "")} /* ; */ */ x`,
    (text) => `-- ${text.replaceAll(/[\r\n]/g, "")}\n x`,
  ],
  mysql: [
    (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`,
    (text) => `\`${text.replaceAll("`", "``")}\``,
    (text) => `/* ${text.replaceAll(/[*/]/g, "")}x */ x`,
    (text) => `# ${text.replaceAll(/[\r\n]/g, "")}\n x`,
    (text) => `-- ${text.replaceAll(/[\r\n]/g, "")}\n x`,
  ],
  sqlite: [
    (text) => `'${text.replaceAll("'", "''")}'`,
    (text) => `"${text.replaceAll('"', '""')}"`,
    (text) => `\`${text.replaceAll("`", "``")}\``,
    (text) => `[${text.replaceAll("]", "")}]`,
    (text) => `/* ${text.replaceAll(/[*/]/g, "")}x */ x`,
    (text) => `-- ${text.replaceAll(/[\r\n]/g, "")}\n x`,
  ],
};

const nasty = fc.string({
  unit: fc.constantFrom(
    ";",
    "'",
    '"',
    "`",
    "\\",
    "$",
    "$tag$",
    "-- ",
    "/*",
    "*/",
    "#",
    "\n",
    "[",
    "]",
    "a",
    " ",
    "é",
    "begin",
    "end",
  ),
  maxLength: 12,
});

for (const dialect of ["postgresql", "mysql", "sqlite"] as const) {
  test(`${dialect}: statements with anything in quotes and comments come out as they went in`, () => {
    const statement = fc
      .array(fc.tuple(fc.constantFrom(...INSIDE[dialect]), nasty), { minLength: 1, maxLength: 4 })
      .map((parts) => `select ${parts.map(([quote, text]) => quote(text)).join(" , ")}`);
    const gap = fc.constantFrom("", " ", "\n", ";", " ; \r\n", "/* gap; */", "-- gap;\n");
    fc.assert(
      fc.property(fc.array(fc.tuple(statement, gap), { maxLength: 6 }), (all) => {
        const text = all.map(([one, between]) => `${one};${between}`).join("");
        assert.deepEqual(
          splitStatements(text, dialect).map((one) => one.text),
          all.map(([one]) => one),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test(`${dialect}: pieces and gaps make the source again, whatever it is`, () => {
    const soup = fc.string({
      unit: fc.constantFrom(
        ...[
          ";",
          "'",
          '"',
          "`",
          "\\",
          "$$",
          "$t$",
          "--",
          "-- ",
          "/*",
          "*/",
          "/*!",
          "#",
          "\n",
          "\r\n",
          "(",
          ")",
          " ",
          "\uFEFF",
          "é",
        ],
        ...[
          "begin",
          "atomic",
          "end",
          "case",
          "if",
          "create",
          "trigger",
          "procedure",
          "e",
          "delimiter //",
          "//",
          "a",
          "1",
          ".",
        ],
      ),
      maxLength: 40,
    });
    fc.assert(
      fc.property(soup, (text) => {
        let end = 0;
        try {
          for (const one of splitStatements(text, dialect)) {
            assert.ok(one.offset >= end, "statements overlap");
            assert.equal(text.slice(one.offset, one.offset + one.text.length), one.text);
            assert.equal(one.text.trim(), one.text.replaceAll(/^\s+|\s+$/g, ""));
            // Split again it stays one, unless it depends on a delimiter that was set before it, or on what stood
            // behind it (to MySQL, `--` at the very end is a comment).
            if (!text.includes("delimiter") && !one.text.endsWith("--")) {
              assert.deepEqual(
                splitStatements(one.text, dialect).map((again) => again.text),
                [one.text],
              );
            }
            end = one.offset + one.text.length;
          }
        } catch (error) {
          if (!(error instanceof UnreadableError)) throw error;
          assert.ok((error.line ?? 0) >= 1 && (error.column ?? 0) >= 1);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test(`${dialect}: what lies between statements is blank, comment, semicolon, or a shell's order`, () => {
    const blank = /^(?:[\s;\uFEFF]|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*))*\*\/)*$/;
    const piece = fc.constantFrom("select 1", "/* a; b */", "-- c; d\n", ";", " ", "'x;y'", "\n", "(", ")");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (parts) => {
        const text = parts.join(" ");
        let rest = text;
        for (const one of splitStatements(text, dialect).reverse()) {
          assert.match(rest.slice(one.offset + one.text.length), blank);
          rest = rest.slice(0, one.offset);
        }
        assert.match(rest, blank);
      }),
      { numRuns: 1000 },
    );
  });
}
