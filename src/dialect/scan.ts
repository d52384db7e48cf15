/**
 * Where a dialect's strings, quoted names and comments begin and end, so that a `?` or a `;` inside one is left alone.
 */
export interface Lexicon {
  /** Quotes of strings and names. Doubling one stands for itself in all three dialects. */
  readonly quotes: string;
  /** Quotes in which a backslash protects the next character. */
  readonly backslashQuotes: string;
  /** `E'…'` strings take backslashes. */
  readonly escapeStrings: boolean;
  /** `$tag$ … $tag$`. */
  readonly dollarQuotes: boolean;
  /** `[name]`, as SQLite allows. */
  readonly brackets: boolean;
  /** `#` begins a comment. */
  readonly hashComments: boolean;
  /** Block comments nest. */
  readonly nestedComments: boolean;
  /** `--` begins a comment only before white space. */
  readonly dashNeedsSpace: boolean;
}

/** A stretch of SQL text: `"code"`, or something in which nothing is to be looked for. */
export interface Stretch {
  readonly kind: "code" | "quoted" | "comment";
  readonly start: number;
  readonly end: number;
}

/** Cuts SQL text into stretches; together they are the whole text, in order. */
export function scan(text: string, lexicon: Lexicon): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const found = opaque(text, at, lexicon);
    if (found === undefined) {
      at++;
      continue;
    }
    if (at > from) stretches.push({ kind: "code", start: from, end: at });
    stretches.push({ kind: found.kind, start: at, end: found.end });
    at = from = found.end;
  }
  if (text.length > from) stretches.push({ kind: "code", start: from, end: text.length });
  return stretches;
}

/** The quoted or commented stretch that begins at `at`, if one does. */
function opaque(
  text: string,
  at: number,
  lexicon: Lexicon,
): { kind: "quoted" | "comment"; end: number } | undefined {
  const c = text[at] as string;
  if (c === "-" && text[at + 1] === "-" && (!lexicon.dashNeedsSpace || /^\s?$/.test(text[at + 2] ?? ""))) {
    return { kind: "comment", end: lineEnd(text, at) };
  }
  if (c === "#" && lexicon.hashComments) return { kind: "comment", end: lineEnd(text, at) };
  if (c === "/" && text[at + 1] === "*") return { kind: "comment", end: blockEnd(text, at, lexicon) };
  if (lexicon.quotes.includes(c)) {
    const backslash =
      lexicon.backslashQuotes.includes(c) || (c === "'" && lexicon.escapeStrings && isEscapeString(text, at));
    return { kind: "quoted", end: quoteEnd(text, at, c, backslash) };
  }
  if (c === "[" && lexicon.brackets) {
    const end = text.indexOf("]", at);
    return { kind: "quoted", end: end < 0 ? text.length : end + 1 };
  }
  if (c === "$" && lexicon.dollarQuotes && !isWordCharacter(text[at - 1])) {
    const tag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
    tag.lastIndex = at;
    const open = tag.exec(text)?.[0];
    if (open !== undefined) {
      const end = text.indexOf(open, at + open.length);
      return { kind: "quoted", end: end < 0 ? text.length : end + open.length };
    }
  }
  return undefined;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function blockEnd(text: string, at: number, lexicon: Lexicon): number {
  let depth = 1;
  let i = at + 2;
  while (i < text.length) {
    if (text.startsWith("*/", i)) {
      i += 2;
      if (--depth === 0) return i;
    } else if (lexicon.nestedComments && text.startsWith("/*", i)) {
      depth++;
      i += 2;
    } else i++;
  }
  return text.length;
}

function quoteEnd(text: string, at: number, quote: string, backslash: boolean): number {
  for (let i = at + 1; i < text.length; i++) {
    if (backslash && text[i] === "\\") i++;
    else if (text[i] === quote) {
      if (text[i + 1] === quote) i++;
      else return i + 1;
    }
  }
  return text.length;
}

/** Whether the quote at `at` is opened by a lone `E`. */
function isEscapeString(text: string, at: number): boolean {
  return /e/i.test(text[at - 1] ?? "") && !isWordCharacter(text[at - 2]);
}

function isWordCharacter(c: string | undefined): boolean {
  return c !== undefined && /[\p{L}\p{N}_$]/u.test(c);
}
