import type { Desk } from "./sqlite-desk.ts";

/** Milliseconds for which one moment is read: whoever writes or tidies up the log may be waiting for its end. */
const LONGEST = 1;

/**
 * Has statements that only look and follow each other in one parcel see the file as of one moment. By itself each takes and
 * gives back the file's lock, which costs more than looking a row up: 3.5 µs instead of 1. None is answered with what was
 * before it was asked: all of a parcel were asked before the first is carried out.
 */
export class Readings {
  /** Whose statement was the last that only looked. */
  #last: Desk | undefined;
  #open = false;
  #since = 0;

  /** The next statement of `desk` only looks. */
  reads(desk: Desk, now: number): void {
    if (this.#last !== desk) {
      this.end();
      this.#last = desk;
      return;
    }
    if (this.#open && now - this.#since < LONGEST) return;
    this.#close();
    this.#open = desk.beginReading?.() ?? false;
    this.#since = now;
  }

  /** Something else is about to be done, or nothing more. */
  end(): void {
    this.#close();
    this.#last = undefined;
  }

  #close(): void {
    if (this.#open) this.#last?.endReading?.();
    this.#open = false;
  }
}
