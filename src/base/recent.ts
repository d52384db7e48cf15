/**
 * Remembers something for each of the texts that were seen lately: at least `enough` of them, twice that at most. Two
 * generations rather than a list in order of use: looking one up then changes nothing, nearly always.
 */
export class Recent<V> {
  readonly #enough: number;
  readonly #make: (text: string) => V;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param make what to remember of a text that is new */
  constructor(make: (text: string) => V, enough = 1000) {
    this.#make = make;
    this.#enough = enough;
  }

  of(text: string): V {
    const found = this.#young.get(text);
    if (found !== undefined) return found;
    const value = this.#old.get(text) ?? this.#make(text);
    if (this.#young.size >= this.#enough) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
    return value;
  }
}
