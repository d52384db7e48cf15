/** Stands for a connection: nothing is sent, but two holders at once are noticed. */
export class Fake {
  #held = false;

  /** What every holder does: takes it, lets the others have a turn, and lets go. */
  async use(): Promise<void> {
    if (this.#held) throw new Error("Two callers hold one connection.");
    this.#held = true;
    await undefined;
    this.#held = false;
  }
}

/** How many connections every contestant may have. */
export const CONNECTIONS = 10;

/** A pool of fakes as the trials see it. */
export interface Fakes {
  /** Takes one, runs `fn` with it, and gives it back. */
  with(fn: (fake: Fake) => Promise<void>): Promise<void>;
}
