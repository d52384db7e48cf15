/** What can be kept: it says when it was used last, as a number that only grows. */
export interface Used {
  usedAt: number;
}

/** Keeps something for each of a bounded number of texts, those used last. To find one changes nothing but when it was used. */
export class LastUsed<V extends Used> {
  readonly #most: number;
  readonly #byText = new Map<string, V>();
  #uses = 0;

  constructor(most: number) {
    this.#most = most;
  }

  find(text: string): V | undefined {
    const found = this.#byText.get(text);
    if (found !== undefined) found.usedAt = ++this.#uses;
    return found;
  }

  /** Keeps `value`, and gives what had to make room for it. */
  add(text: string, value: V): V | undefined {
    const evicted = this.#byText.size < this.#most ? undefined : this.#removeOldest();
    value.usedAt = ++this.#uses;
    this.#byText.set(text, value);
    return evicted;
  }

  /** Forgets one. `false` where it was forgotten before. */
  drop(text: string, value: V): boolean {
    return this.#byText.get(text) === value && this.#byText.delete(text);
  }

  /** Forgets all of them, and gives them. */
  clear(): readonly V[] {
    const all = [...this.#byText.values()];
    this.#byText.clear();
    return all;
  }

  #removeOldest(): V | undefined {
    let oldest: string | undefined;
    let value: V | undefined;
    for (const [text, each] of this.#byText) {
      if (value !== undefined && each.usedAt >= value.usedAt) continue;
      oldest = text;
      value = each;
    }
    this.#byText.delete(oldest as string);
    return value;
  }
}
