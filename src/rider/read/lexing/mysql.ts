import { RoutineTracker } from "./mysql-routine.ts";
import { endOfLine, endOfPlain, endOfQuoted } from "./quotes.ts";
import { type Lexing, plainToken, skip, type Token } from "./token.ts";

// In MySQL a word may begin with a digit, but a name of digits alone is a number.
const DIGIT_WORD = /[0-9]+[A-Za-z_$\x80-\uFEFE\uFF00-\uFFFF][\w$\x80-\uFEFE\uFF00-\uFFFF]*/y;
const EXECUTABLE = /\/\*M?!\d*/y;

// MySQL's and MariaDB's words and quotes.
//
// `/*! … */` holds code that the server runs, so what is inside counts, and only its two ends are tokens of their own
// (`"open"` and `"close"`, since a semicolon between them does not end a statement).
//
// https://dev.mysql.com/doc/refman/8.4/en/language-structure.html
// https://dev.mysql.com/doc/refman/8.4/en/comments.html
// https://mariadb.com/kb/en/comment-syntax/
export const mysql: Lexing = { token, tracker: () => new RoutineTracker() };

function token(text: string, at: number): Token {
  const character = text[at];
  switch (character) {
    case "'":
    case '"':
      return { kind: "quoted", end: endOfQuoted(text, at, character, true, at) };
    case "`":
      return { kind: "quoted", end: endOfQuoted(text, at, character, false, at) };
    case "#":
      return { kind: "comment", end: endOfLine(text, at) };
    case "-":
      // `5--3` is a subtraction here: the comment needs a blank after it. https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-comments.html
      if (text[at + 1] === "-" && (at + 2 >= text.length || /[\s\p{Cc}]/u.test(text[at + 2] ?? ""))) {
        return { kind: "comment", end: endOfLine(text, at) };
      }
      break;
    case "/": {
      const inside = skip(EXECUTABLE, text, at);
      if (inside > at) return { kind: "open", end: inside };
      if (text[at + 1] === "*") {
        return { kind: "comment", end: endOfPlain(text, at, "*/", "a comment (/*)") };
      }
      break;
    }
    case "*":
      if (text[at + 1] === "/") return { kind: "close", end: at + 2 };
      break;
  }
  const end = skip(DIGIT_WORD, text, at);
  return end > at ? { kind: "word", end } : plainToken(text, at);
}
