/**
 * Keeps something for each of the texts that were seen lately: for at least `enough` of them, for twice that at most. Two
 * generations rather than a list in order of use: looking one up then changes nothing, nearly always.
 */
export class Lately<V> {
  readonly #enough: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  /** What was found last: programs say the same thing many times in a row. */
  #lastText: string | undefined;
  #last: V | undefined;

  constructor(enough: number) {
    this.#enough = enough;
  }

  get(text: string): V | undefined {
    if (text === this.#lastText) return this.#last;
    const found = this.#young.get(text);
    if (found !== undefined) {
      this.#lastText = text;
      this.#last = found;
      return found;
    }
    const older = this.#old.get(text);
    if (older !== undefined) this.set(text, older);
    return older;
  }

  set(text: string, value: V): void {
    if (this.#young.size >= this.#enough) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
    this.#lastText = undefined;
  }

  delete(text: string): void {
    this.#lastText = undefined;
    this.#young.delete(text);
    this.#old.delete(text);
  }
}

/** What is found out about a text, once for each of those that were seen lately. */
export class Recent<V> {
  readonly #make: (text: string) => V;
  readonly #known: Lately<V>;

  /** @param make what to remember of a text that is new */
  constructor(make: (text: string) => V, enough = 1000) {
    this.#make = make;
    this.#known = new Lately(enough);
  }

  of(text: string): V {
    const found = this.#known.get(text);
    if (found !== undefined) return found;
    const value = this.#make(text);
    this.#known.set(text, value);
    return value;
  }
}
