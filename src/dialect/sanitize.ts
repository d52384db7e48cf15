import type { DialectName } from "./dialect.ts";
import { type Lexicon, scan } from "./scan.ts";

/** Characters of a statement that are looked at; what is beyond is left out. */
const LONGEST = 16_384;

/** A number that is neither part of a name nor of a placeholder. */
const NUMBER =
  /(?<![\p{L}\p{N}_$@:?.])(?:0x[0-9a-f]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)(?![\p{L}\p{N}_])/giu;
/** The letter before a string that says how it is written: `E'…'`, `X'…'`, `N'…'`, `U&'…'`. */
const PREFIX = /(?<![\p{L}\p{N}_$])(?:[ebxn]|u&)$/iu;

/**
 * A statement with `?` for each value that is written in it (strings, numbers, booleans), without its comments, and with
 * lists of values shortened to one, so that nothing of a value is left. A statement with parameters needs none of this.
 */
export function sanitized(
  text: string,
  dialect: { readonly name: DialectName; readonly lexicon: Lexicon },
): string {
  let clean = "";
  for (const { kind, start, end } of scan(text.slice(0, LONGEST), dialect.lexicon)) {
    const part = text.slice(start, end);
    if (kind === "comment") clean += " ";
    else if (kind === "code") clean += part.replaceAll(NUMBER, "?").replaceAll(/\b(?:true|false)\b/gi, "?");
    else if (isString(part, dialect.name)) clean = `${clean.replace(PREFIX, "")}?`;
    else clean += part;
  }
  return clean
    .replaceAll(/\bin\s*\(\s*\?(?:\s*,\s*\?)+\s*\)/gi, (list) => `${list.slice(0, 2)} (?)`)
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Whether a quoted stretch is a string, rather than a name. */
function isString(quoted: string, dialect: DialectName): boolean {
  // https://dev.mysql.com/doc/refman/8.4/en/string-literals.html: double quotes too, unless ANSI_QUOTES is set.
  return quoted.startsWith("'") || quoted.startsWith("$") || (dialect === "mysql" && quoted.startsWith('"'));
}
