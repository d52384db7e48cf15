/** How long statements have to be put behind others before another connection is worth its opening. Milliseconds. */
const LASTING = 50;
/** A pause of so many milliseconds ends such a time. */
const PAUSE = 20;
/** The part of it which the event loop must have slept: a program that has no time to sleep can't use another connection. */
const SPARE_TIME = 0.1;

/**
 * Notices when statements have been put behind more work than is negligible for so long that another connection would help:
 * the server could do more side by side, and this program could send it more.
 */
export class Crowd {
  readonly #asleep: () => number;
  /** When this time began, and how long the loop had slept by then. */
  #since = 0;
  #sleptBefore = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param asleep how many milliseconds the event loop has slept; 0 where that is not counted */
  constructor(asleep: () => number) {
    this.#asleep = asleep;
  }

  /** One more statement was put behind others. Gives whether one more connection would help, once in a while. */
  lasts(now: number): boolean {
    const anew = now - this.#last > PAUSE;
    this.#last = now;
    const time = now - this.#since;
    if (!anew && time < LASTING) return false;
    const asleep = this.#asleep();
    const helps = !anew && (asleep === 0 || asleep - this.#sleptBefore >= time * SPARE_TIME);
    this.#since = now;
    this.#sleptBefore = asleep;
    return helps;
  }
}
