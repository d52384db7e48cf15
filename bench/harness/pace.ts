/** Divides the time that a run may take among its cases, by how many trials each has. */
export class Pace {
  #left: number;
  #trials: number;

  /**
   * @param milliseconds that the whole run may take
   * @param trials that one round of everything has
   */
  constructor(milliseconds: number, trials: number) {
    this.#left = milliseconds;
    this.#trials = trials;
  }

  /** Milliseconds for a case with so many trials. What earlier cases did not use is for the later ones. */
  share(trials: number): number {
    return (this.#left * trials) / Math.max(this.#trials, trials);
  }

  /** A case is over. */
  done(trials: number, took: number): void {
    this.#left = Math.max(0, this.#left - took);
    this.#trials -= trials;
  }
}
