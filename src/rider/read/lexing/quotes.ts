import { UnreadableError } from "../../model/errors.ts";
import { positionAt } from "../position.ts";

/** Where a piece quoted by one character ends; a doubled quote stands for itself, and so does one after a backslash where `escapes`. */
export function endOfQuoted(
  text: string,
  open: number,
  close: string,
  escapes: boolean,
  from: number,
): number {
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at];
    if (escapes && character === "\\") at++;
    else if (character === close) {
      if (text[at + 1] !== close) return at + 1;
      at++;
    }
  }
  throw neverEnds(text, from, `a quote (${text.slice(from, open + 1)})`);
}

/** Where a piece that ends at the first `close` ends. */
export function endOfPlain(text: string, open: number, close: string, what: string): number {
  const at = text.indexOf(close, open);
  if (at === -1) throw neverEnds(text, open, what);
  return at + close.length;
}

/** Where a comment to the end of the line ends; the line's end is not part of it. */
export function endOfLine(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    if (text[end] === "\n" || text[end] === "\r") return end;
  }
  return text.length;
}

/** The error for something that was opened and never closed. */
export function neverEnds(text: string, open: number, what: string): UnreadableError {
  const { line, column } = positionAt(text, open);
  return new UnreadableError(`Here begins ${what} that never ends. Close it.`, { line, column });
}
