/**
 * The smallest pieces of SQL that splitting has to tell apart. `"quoted"` is anything between quotes of any kind; `"other"` is one
 * character without a meaning here, or a number.
 */
export type TokenKind = "space" | "comment" | "quoted" | "word" | "semicolon" | "open" | "close" | "other";

export interface Token {
  readonly kind: TokenKind;
  /** Where it ends in the text; the next token begins here. */
  readonly end: number;
}

/** How a dialect cuts text into tokens, and which semicolons in it end a statement. */
export interface Lexing {
  /**
   * The token that begins at `at`, which is before the text's end. Tokens have no gaps: the next begins where this one ends.
   *
   * @throws UnreadableError where a quote or comment begins and never ends
   */
  token(text: string, at: number): Token;
  /** A fresh look at one statement. */
  tracker(): Tracker;
}

/** Follows one statement, token by token, to know whether a semicolon ends it. */
export interface Tracker {
  /** Shows it the next token that is neither blank nor comment; `text` is the token's. */
  see(kind: TokenKind, text: string): void;
  /** Whether what was seen so far is the inside of something, so that a semicolon here does not end the statement. */
  inside(): boolean;
  /** Why the statement, as far as it was seen, can't be sent at all; a whole sentence. */
  refusal(): string | undefined;
}

// Bytes from 0x80 on are letters to all three databases, so every character beyond ASCII is. The byte order mark is a blank.
const SPACE = /[\s\uFEFF]+/y;
const WORD = /[A-Za-z_\x80-\uFEFE\uFF00-\uFFFF][\w$\x80-\uFEFE\uFF00-\uFFFF]*/y;
const NUMBER = /[0-9][\w.]*/y;

/** Where `pattern` (sticky) matches at `at`, the end of the match; else `at`. */
export function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The tokens that are the same in all dialects: blanks, words, numbers, brackets, and single characters. */
export function plainToken(text: string, at: number): Token {
  switch (text[at]) {
    case ";":
      return { kind: "semicolon", end: at + 1 };
    case "(":
      return { kind: "open", end: at + 1 };
    case ")":
      return { kind: "close", end: at + 1 };
  }
  // Most tokens are words and the blanks between them, and a thousand files are many tokens.
  if (isLetter(text.charCodeAt(at))) return { kind: "word", end: skip(WORD, text, at) };
  let end = skip(SPACE, text, at);
  if (end > at) return { kind: "space", end };
  end = skip(WORD, text, at);
  if (end > at) return { kind: "word", end };
  end = skip(NUMBER, text, at);
  return { kind: "other", end: end > at ? end : at + 1 };
}

/** Whether a character is one of the letters of ASCII, or an underscore. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}
