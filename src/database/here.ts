import { Readings } from "../base/readings.ts";
import { microtask } from "../base/turn.ts";
import type { Connection, Result, Statement } from "../driver/driver.ts";
import type { Pool } from "../pool/pool.ts";

/** How many statements are run by themselves between two looks at whether others come beside them. */
const EVERY = 128;
/** How many are run between two looks at the clock. */
const UNTIMED = 16;

/** A statement that waits for the end of this turn's promises. */
export interface Held {
  readonly statement: Statement;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** Goes the way of a statement for which no connection lies ready. */
  giveUp(): void;
}

/**
 * Runs statements outside any scope on a connection in this thread, which answers at once: nobody can come in between, so it is
 * lent to nobody. Where they come side by side, those that only look are held back until all that this turn's promises lead to
 * are there, and then see the file as of one moment (see `Readings`); one that comes alone is never held back.
 */
export class Here {
  readonly #pool: Pool<Connection>;
  readonly #looks: (text: string) => boolean;
  readonly #readings = new Readings();
  /** Whether they come side by side, as far as was seen. */
  #beside = false;
  /** How many more are run before the next look at that. */
  #unseen = 1;
  #line: Held[] = [];

  /** @param looks whether a statement of this text only looks; of none where that is of no use */
  constructor(pool: Pool<Connection>, looks: (text: string) => boolean) {
    this.#pool = pool;
    this.#looks = looks;
    pool.beforeClosing(this.#flush);
  }

  /**
   * What the statement gives; `undefined`, and nothing done, where no connection lies ready or a lock is in the way.
   *
   * @throws what the statement fails with
   */
  run(statement: Statement): Result | undefined {
    // What is held back was asked before.
    if (this.#line.length > 0) this.#flush();
    const pool = this.#pool;
    const connection = pool.visit();
    if (connection === undefined) return undefined;
    if (--this.#unseen === 0) this.#look();
    try {
      return connection.queryNow?.(statement);
    } finally {
      pool.leave();
    }
  }

  /** Whether a statement of this text is to be held back. */
  holds(text: string): boolean {
    return this.#beside && this.#looks(text);
  }

  hold(held: Held): void {
    if (this.#line.push(held) === 1) microtask(this.#flush);
  }

  #look(): void {
    this.#unseen = EVERY;
    microtask(this.#looked);
  }

  readonly #looked = (): void => {
    this.#beside = this.#unseen < EVERY;
  };

  readonly #flush = (): void => {
    const line = this.#line;
    if (line.length === 0) return;
    this.#line = [];
    // It came alone, and so may the next.
    if (line.length === 1) this.#beside = false;
    const rest = this.#runTogether(line);
    for (const held of rest) held.giveUp();
  };

  /** Gives those that could not be run at once. */
  #runTogether(line: readonly Held[]): readonly Held[] {
    const connection = this.#pool.visit();
    if (connection === undefined) return line;
    const rest: Held[] = [];
    let ran = 0;
    let now = performance.now();
    for (const held of line) {
      if (++ran % UNTIMED === 0) now = performance.now();
      this.#readings.reads(connection, now);
      try {
        const result = connection.queryNow?.(held.statement);
        if (result === undefined) rest.push(held);
        else held.resolve(result);
      } catch (error) {
        // Some failures end the moment that was read.
        this.#readings.end();
        held.reject(error);
      }
    }
    this.#readings.end();
    this.#pool.leave(ran - rest.length);
    return rest;
  }
}
