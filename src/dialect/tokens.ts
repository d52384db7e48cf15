import { type Lexicon, scan } from "./scan.ts";

/** A word, a quoted name or string, or a single sign of a statement; comments and space are left out. */
export interface Token {
  readonly text: string;
  readonly kind: "word" | "quoted" | "sign";
  /** In small letters, to compare keywords with. */
  readonly lower: string;
}

/** Cuts a statement into tokens. A number is a word too. */
export function tokens(text: string, lexicon: Lexicon): Token[] {
  const found: Token[] = [];
  for (const { kind, start, end } of scan(text, lexicon)) {
    if (kind === "comment") continue;
    const part = text.slice(start, end);
    if (kind === "quoted") {
      found.push({ text: part, kind, lower: "" });
      continue;
    }
    for (const [word] of part.matchAll(/[\p{L}\p{N}_$]+|\S/gu)) {
      const isWord = /^[\p{L}\p{N}_$]/u.test(word);
      found.push({ text: word, kind: isWord ? "word" : "sign", lower: word.toLowerCase() });
    }
  }
  return found;
}
