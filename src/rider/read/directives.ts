import { nearest } from "../../base/nearest.ts";
import { UnreadableError } from "../model/errors.ts";
import { bareBlock, bareLines } from "./description.ts";
import { endOfLine, neverEnds } from "./lexing/quotes.ts";
import { skip } from "./lexing/token.ts";
import { positionAt } from "./position.ts";

/** What the leading comments of an SQL migration say. */
export interface Directives {
  /** `undefined` where there is no such line. */
  readonly depends: readonly string[] | undefined;
  /** `undefined` where there is no such line. */
  readonly transactional: boolean | undefined;
  /** The first plain comment; empty where there is none. */
  readonly description: string;
}

const DIRECTIVE = /^--\s*([A-Za-z_]+)\s*:\s*(.*?)\s*$/;
const KNOWN = ["depends", "transactional"];

/**
 * Reads the comments before the first statement, in yoyo's form: `-- depends: ID ID`, `-- transactional: false`; the first other
 * comment is the description. Several `depends` lines add up. An id with a space in it may be written as it is, since each id begins with its
 * number (`-- depends: 1-a b 2-c` names two), or between quotes.
 *
 * @throws UnreadableError for a directive that is misspelt, said twice with different values, or has no value
 * @see https://ollycope.com/software/yoyo/latest/#migrations-as-sql-scripts
 */
export function readDirectives(text: string): Directives {
  const depends: string[] = [];
  let said = false;
  let transactional: boolean | undefined;
  let description = "";
  let plain = "";
  // Lines of `--` without a gap between them are one comment.
  const close = (): void => {
    if (description === "" && plain !== "") description = bareLines(plain, /^[ \t]*(?:--+|#+)[ \t]?/);
    plain = "";
  };

  for (const { comment, at } of mayBegin(text) ? comments(text) : []) {
    const directive = DIRECTIVE.exec(comment);
    const key = directive ? keyOf(directive[1] ?? "", directive[2] ?? "", text, at) : undefined;
    if (key === undefined) {
      if (comment.startsWith("/*")) {
        close();
        if (description === "") description = bareBlock(comment.slice(2, -2));
      } else if (comment === "") close();
      else plain += `${comment}\n`;
      continue;
    }
    close();
    const value = directive?.[2] ?? "";
    if (key === "depends") {
      said = true;
      depends.push(...readIds(value));
    } else {
      const now = readBoolean(value);
      if (now === undefined || (transactional !== undefined && transactional !== now)) {
        throw new UnreadableError(
          now === undefined
            ? `"-- transactional:" takes true or false, and says ${JSON.stringify(value)}.`
            : `"-- transactional:" is said twice, once true and once false. Keep one.`,
          positionAt(text, at),
        );
      }
      transactional = now;
    }
  }
  close();
  return { depends: said ? depends : undefined, transactional, description };
}

/** Whether a text can begin with a comment. Most have none, and of a thousand each is looked at. */
function mayBegin(text: string): boolean {
  return !/^[A-Za-z]/.test(text);
}

/** The comments before the first statement; an empty text stands for an empty line, which separates. */
function* comments(text: string): Generator<{ comment: string; at: number }> {
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; ) {
    const begin = skip(/\s*/y, text, at);
    // An empty line, or two line ends where the comment before did not take its own.
    if (/(?:\r\n|\r(?!\n)|\n)[ \t]*[\r\n]/.test(text.slice(at, begin))) yield { comment: "", at };
    at = begin;
    let end = at;
    if (text.startsWith("--", at) || text[at] === "#") end = endOfLine(text, at);
    // What the server runs (`/*!`) or reads as a hint is no comment.
    else if (/^\/\*(?!M?!|\+)/.test(text.slice(at, at + 4))) {
      end = text.indexOf("*/", at + 2) + 2;
      if (end < at + 4) throw neverEnds(text, at, "a comment (/*)");
    }
    if (end === at) return;
    yield { comment: text.slice(at, end), at };
    at = end;
  }
}

/** The directive that is meant, or `undefined` where it is a sentence with a colon in it. */
function keyOf(given: string, value: string, text: string, at: number): string | undefined {
  const key = given.toLowerCase();
  if (KNOWN.includes(key)) return key;
  const near = nearest(key, KNOWN);
  const looks = near === "depends" ? /^["']?\d+-/ : /^(?:true|false|yes|no|on|off|0|1)$/i;
  if (near === undefined || !looks.test(value)) return undefined;
  throw new UnreadableError(
    `"-- ${given}:" looks like "-- ${near}:" and would be passed over as a comment. Write "-- ${near}: ${value}".`,
    positionAt(text, at),
  );
}

/** The ids in the value of a `depends` line. */
export function readIds(value: string): string[] {
  const ids: string[] = [];
  let open = false;
  for (const [piece] of value.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|,|[^\s,]+|\s+/g)) {
    const quoted = /^(["'])(.*)\1$/.exec(piece);
    if (quoted) {
      const [, quote = "", inside = ""] = quoted;
      ids.push(inside.replaceAll(quote + quote, quote));
      open = false;
    } else if (piece === ",") open = false;
    else if (piece.trim() === "") {
      if (open) ids.push(`${ids.pop() ?? ""}${piece}`);
    } else if (open && !/^\d+-/.test(piece)) ids.push(`${ids.pop() ?? ""}${piece}`);
    else {
      ids.push(piece);
      open = true;
    }
  }
  return ids.map((id) => id.trim()).filter((id) => id !== "");
}

/** An id as it can stand in a `depends` line and be read back: between quotes where it holds any, a comma, or what looks like another id. */
export function writeId(id: string): string {
  const bare = !/["',]/.test(id) && readIds(id).length === 1;
  return bare ? id : `"${id.replaceAll('"', '""')}"`;
}

function readBoolean(value: string): boolean | undefined {
  if (/^(?:true|yes|on|1)$/i.test(value)) return true;
  if (/^(?:false|no|off|0)$/i.test(value)) return false;
  return undefined;
}
