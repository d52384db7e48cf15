import type { DialectName } from "../model/dialect.ts";
import { UnreadableError } from "../model/errors.ts";
import type { Statement } from "../model/statement.ts";
import { mysql } from "./lexing/mysql.ts";
import { postgresql } from "./lexing/postgresql.ts";
import { endOfLine } from "./lexing/quotes.ts";
import { sqlite } from "./lexing/sqlite.ts";
import type { Lexing } from "./lexing/token.ts";
import { Positions, positionAt } from "./position.ts";

/** How each dialect is cut into tokens. */
export const LEXING: Readonly<Record<DialectName, Lexing>> = { postgresql, mysql, sqlite };

/**
 * Cuts SQL text into its statements, as the dialect's own shell does.
 *
 * Each is a slice of `text`, byte for byte, from its first word to its last character before the semicolon; comments and blanks around
 * it, and pieces that hold nothing else, are left out. For MySQL, `DELIMITER` is understood, and not needed.
 *
 * @throws UnreadableError where a quote or a comment never ends, or for what only a shell can do (psql's backslash commands, `COPY … FROM stdin`)
 */
export function splitStatements(text: string, dialect: DialectName): Statement[] {
  const { token, tracker } = LEXING[dialect];
  const positions = new Positions(text);
  const statements: Statement[] = [];
  let follow = tracker();
  let delimiter = ";";
  let begin = -1;
  let end = -1;

  const finish = (): void => {
    if (begin !== -1) {
      statements.push({ text: text.slice(begin, end), ...positions.at(begin), offset: begin });
      begin = -1;
      follow = tracker();
    }
  };

  for (let at = 0; at < text.length; ) {
    if (delimiter !== ";" && text.startsWith(delimiter, at)) {
      finish();
      at += delimiter.length;
      continue;
    }
    const next = token(text, at);
    if (next.kind === "space" || next.kind === "comment") {
      at = next.end;
      continue;
    }
    if (next.kind === "semicolon" && delimiter === ";" && !follow.inside()) {
      finish();
      at = next.end;
      continue;
    }
    let stop = next.end;
    // `END$$` is one word to the server, and two things to whoever set the delimiter.
    if (delimiter !== ";" && next.kind !== "quoted") {
      for (let cut = at; cut < stop; cut++) if (text.startsWith(delimiter, cut)) stop = cut;
    }
    const piece = text.slice(at, stop);
    if (begin === -1) {
      if (dialect === "mysql" && next.kind === "word" && piece.toLowerCase() === "delimiter") {
        [delimiter, at] = readDelimiter(text, at, stop);
        continue;
      }
      begin = at;
    }
    follow.see(next.kind, piece);
    const refusal = follow.refusal();
    if (refusal !== undefined) throw new UnreadableError(refusal, positionAt(text, at));
    end = stop;
    at = stop;
  }
  finish();
  return statements;
}

/** Whether a statement has a semicolon in it that is code, as the body of a routine does. */
export function holdsSemicolon(text: string, dialect: DialectName): boolean {
  const { token } = LEXING[dialect];
  for (let at = 0; at < text.length; ) {
    const { kind, end } = token(text, at);
    if (kind === "semicolon") return true;
    at = end;
  }
  return false;
}

/**
 * Reads `DELIMITER //`, which is an order to the shell and takes its line.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/mysql-commands.html
 */
function readDelimiter(text: string, begin: number, from: number): [delimiter: string, end: number] {
  const end = endOfLine(text, from);
  const given = text.slice(from, end).trim().split(/\s/)[0] ?? "";
  if (given === "" || given.includes("\\")) {
    throw new UnreadableError(
      "DELIMITER takes the characters that shall end a statement, such as DELIMITER // (no backslash).",
      positionAt(text, begin),
    );
  }
  return [given, end];
}
