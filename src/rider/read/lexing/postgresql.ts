import { endOfLine, endOfQuoted, neverEnds } from "./quotes.ts";
import { type Lexing, plainToken, skip, type Token, type TokenKind, type Tracker } from "./token.ts";

// A tag is an identifier without `$`; `$1` is a parameter. https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-DOLLAR-QUOTING
const DOLLAR = /\$(?:[A-Za-z_\x80-\uFFFF][\w\x80-\uFFFF]*)?\$/y;

/**
 * PostgreSQL's words and quotes, and psql's rule for semicolons.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export const postgresql: Lexing = { token, tracker: () => new PostgresqlTracker() };

function token(text: string, at: number): Token {
  switch (text[at]) {
    case "'":
      return { kind: "quoted", end: endOfQuoted(text, at, "'", false, at) };
    case '"':
      return { kind: "quoted", end: endOfQuoted(text, at, '"', false, at) };
    case "$": {
      const open = skip(DOLLAR, text, at);
      if (open === at) break;
      const tag = text.slice(at, open);
      const close = text.indexOf(tag, open);
      if (close === -1) throw neverEnds(text, at, `a dollar quote (${tag})`);
      return { kind: "quoted", end: close + tag.length };
    }
    case "e":
    case "E":
      // Only where the letter is a word of its own, which the caller sees to by asking at the beginning of words.
      if (text[at + 1] === "'") return { kind: "quoted", end: endOfQuoted(text, at + 1, "'", true, at) };
      break;
    case "-":
      if (text[at + 1] === "-") return { kind: "comment", end: endOfLine(text, at) };
      break;
    case "/":
      if (text[at + 1] === "*") return { kind: "comment", end: endOfNested(text, at) };
      break;
  }
  return plainToken(text, at);
}

// "These block comments nest." https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
function endOfNested(text: string, open: number): number {
  const border = /\/\*|\*\//g;
  border.lastIndex = open;
  let depth = 0;
  for (let match = border.exec(text); match; match = border.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return border.lastIndex;
  }
  throw neverEnds(text, open, "a comment (/*)");
}

/**
 * A semicolon between brackets (`create rule … do (…; …)`) or inside `begin atomic … end` does not end the statement; in the latter, `case`
 * has an `end` of its own. As psql decides it, except that psql takes any `begin` of a `create function` for a body.
 *
 * @see https://www.postgresql.org/docs/current/sql-createfunction.html
 */
class PostgresqlTracker implements Tracker {
  #brackets = 0;
  #blocks = 0;
  #previous = "";
  #first = "";
  #refusal: string | undefined;

  see(kind: TokenKind, text: string): void {
    if (kind === "open") this.#brackets++;
    else if (kind === "close") this.#brackets = Math.max(0, this.#brackets - 1);
    else if (text === "\\") {
      this.#refusal ??=
        "Here stands a command of psql (a backslash outside quotes), which only psql understands. Write it in SQL, or leave it out; a dump is made without them by pg_dump --inserts.";
    }
    const word = kind === "word" ? text.toLowerCase() : text;
    // After a dot or `as` stands a name, whatever it looks like.
    if (kind === "word" && this.#previous !== "." && this.#previous !== "as") this.#keyword(word);
    this.#previous = word;
    if (this.#first === "") this.#first = word;
  }

  #keyword(word: string): void {
    if (word === "atomic" && this.#previous === "begin") this.#blocks = Math.max(1, this.#blocks);
    else if (word === "case" && this.#blocks > 0) this.#blocks++;
    else if (word === "end" && this.#blocks > 0) this.#blocks--;
    else if (word === "stdin" && this.#previous === "from" && this.#first === "copy") {
      this.#refusal ??=
        "COPY … FROM stdin takes its rows from the client, and a migration has none to give. Write the rows as insert statements (pg_dump --inserts does), or copy from a file on the server.";
    }
  }

  inside(): boolean {
    return this.#brackets > 0 || this.#blocks > 0;
  }

  refusal(): string | undefined {
    return this.#refusal;
  }
}
