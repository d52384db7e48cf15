import { median } from "./statistics.ts";

/**
 * The pace of something that goes on, slice by slice of its time. On a machine whose neighbours take half of its speed away for some
 * tenths of a second, now and then, the mean of a trial says how many of those it happened to have; the median of its slices says how
 * fast it goes otherwise. What comes back in each slice, such as collecting garbage or waiting behind a slow statement, is in it.
 */
export class Slices {
  readonly #length: number;
  readonly #begun: number;
  readonly #paces: number[] = [];
  #from: number;
  #count = 0;

  /** @param length of a slice, in milliseconds */
  constructor(length: number, now: number) {
    this.#length = length;
    this.#begun = this.#from = now;
  }

  /** So many pieces are done in all. */
  at(now: number, count: number): void {
    const took = now - this.#from;
    if (took < this.#length) return;
    this.#paces.push((count - this.#count) / took);
    this.#from = now;
    this.#count = count;
  }

  /** Pieces a millisecond; the mean where it was over before the end of a slice. */
  pace(now: number, count: number): number {
    return this.#paces.length === 0 ? count / (now - this.#begun) : median(this.#paces);
  }
}
