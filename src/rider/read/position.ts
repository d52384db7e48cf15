/** Line and column of an offset, both from 1; columns in UTF-16 units, as editors count them. CR LF, LF and CR each end a line. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  return new Positions(text).at(offset);
}

/** Lines and columns of many offsets of one text, asked in rising order, in one pass over it. */
export class Positions {
  readonly #text: string;
  #seen = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
    // A byte order mark is no column.
    if (text.startsWith("\uFEFF")) this.#lineStart = 1;
  }

  at(offset: number): { line: number; column: number } {
    const text = this.#text;
    for (; this.#seen < offset; this.#seen++) {
      const code = text.charCodeAt(this.#seen);
      if (code === 10 || (code === 13 && text.charCodeAt(this.#seen + 1) !== 10)) {
        this.#line++;
        this.#lineStart = this.#seen + 1;
      }
    }
    return { line: this.#line, column: Math.max(1, offset - this.#lineStart + 1) };
  }
}
