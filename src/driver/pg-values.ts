import { exactInteger } from "./numbers.ts";

/** Reads the value that lies in `bytes` from `start` to `end`, as text in UTF-8. */
export type ValueReader = (bytes: Buffer, start: number, end: number) => unknown;

const MINUS = 45;
const ZERO = 48;
/** Whole numbers of so many digits are exact in a double, whatever they are. */
const EXACT_DIGITS = 15;

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const SMALL_INTEGERS = new Set([21, 23, 26]);

/** How a column's values are read that `parser` makes of their texts: straight from the bytes where that gives the same. */
export function readerOf(oid: number, parser: (text: string) => unknown): ValueReader {
  if (parser === exactInteger || (SMALL_INTEGERS.has(oid) && isPgs(parser))) {
    return (bytes, start, end) =>
      end - start > EXACT_DIGITS ? parser(bytes.toString("utf8", start, end)) : integer(bytes, start, end);
  }
  return (bytes, start, end) => parser(bytes.toString("utf8", start, end));
}

/** Whether it is the parser that `pg` has for small whole numbers, rather than one that a program has set. */
function isPgs(parser: (text: string) => unknown): boolean {
  return parser.name === "parseInteger" && parser("-12") === -12 && parser("2147483647") === 2147483647;
}

/** A whole number as the server writes it: digits, perhaps with a minus in front. */
function integer(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++)
    value = value * 10 + (bytes[at] as number) - ZERO;
  return negative ? -value : value;
}
