import { endOfLine, endOfPlain, endOfQuoted } from "./quotes.ts";
import { type Lexing, plainToken, type Token, type TokenKind, type Tracker } from "./token.ts";

/**
 * SQLite's words and quotes, and the rule of its own `sqlite3_complete()` for semicolons.
 *
 * @see https://www.sqlite.org/lang_keywords.html
 * @see https://www.sqlite.org/c3ref/complete.html
 */
export const sqlite: Lexing = { token, tracker: () => new SqliteTracker() };

function token(text: string, at: number): Token {
  const character = text[at];
  switch (character) {
    case "'":
    case '"':
    case "`":
      return { kind: "quoted", end: endOfQuoted(text, at, character, false, at) };
    case "[":
      return { kind: "quoted", end: endOfPlain(text, at, "]", "a quote ([)") };
    case "-":
      if (text[at + 1] === "-") return { kind: "comment", end: endOfLine(text, at) };
      break;
    case "/": {
      if (text[at + 1] !== "*") break;
      // They do not nest, and one that is not closed ends with the text. https://www.sqlite.org/lang_comment.html
      const close = text.indexOf("*/", at + 2);
      return { kind: "comment", end: close === -1 ? text.length : close + 2 };
    }
  }
  return plainToken(text, at);
}

/** A trigger ends with `; end ;`, everything else with the next semicolon. `case … end` has no semicolon before its `end`. */
class SqliteTracker implements Tracker {
  #state: "begin" | "explain" | "create" | "statement" | "trigger" | "semicolon" | "end" = "begin";

  see(kind: TokenKind, text: string): void {
    if (this.#state === "statement") return;
    const word = kind === "word" ? text.toLowerCase() : "";
    switch (this.#state) {
      case "begin":
        this.#state = word === "create" ? "create" : word === "explain" ? "explain" : "statement";
        return;
      case "explain":
        if (word === "create") this.#state = "create";
        else if (word !== "query" && word !== "plan") this.#state = "statement";
        return;
      case "create":
        if (word === "trigger") this.#state = "trigger";
        else if (word !== "temp" && word !== "temporary") this.#state = "statement";
        return;
      case "trigger":
        if (kind === "semicolon") this.#state = "semicolon";
        return;
      case "semicolon":
        if (kind !== "semicolon") this.#state = word === "end" ? "end" : "trigger";
        return;
      case "end":
        // Something after `end`, so that was another's.
        this.#state = kind === "semicolon" ? "semicolon" : "trigger";
    }
  }

  inside(): boolean {
    return this.#state === "trigger" || this.#state === "semicolon";
  }

  refusal(): undefined {
    return undefined;
  }
}
