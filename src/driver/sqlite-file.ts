import { statSync } from "node:fs";
import { ConnectError } from "../base/error.ts";
import { later } from "../base/turn.ts";

/** Somebody who may write to a file. */
export interface Writer {
  /** Milliseconds for which it waits while the one at work does nothing. */
  readonly busyTimeout: number;
  /** Since when it has had nothing under way, on `performance.now()`'s clock; `undefined` while it has. */
  readonly quietSince: number | undefined;
}

interface Waiter {
  readonly writer: Writer;
  readonly since: number;
  go(): void;
  refuse(heldFor: number): void;
}

/** Milliseconds for which the file's place on the disk is taken to be as it was last seen. */
const LOOK_EVERY = 250;

/**
 * What this process's connections to one file have in common: a line for its one writer. SQLite lets one write at a time
 * (https://www.sqlite.org/lockingv3.html, with a write-ahead log too: https://www.sqlite.org/wal.html#concurrency) and
 * tells the others to try again, which is neither fair nor fast; here they come in the order in which they asked.
 *
 * However long the line is, nobody in it is refused while it moves: the time that counts is the one in which the writer at
 * work has nothing under way, such as a transaction whose holder waits for somebody in the line. So a circle of waiting
 * comes to an end as it does in SQLite itself, by an error after the busy timeout.
 */
export class SqliteFile {
  static readonly #all = new Map<string, SqliteFile>();

  /**
   * The file at `path`, which is the whole path, shared by all who say `enter` until they say `part`.
   *
   * @throws ConnectError where another client library has it open: each brings a copy of SQLite, and as one of them closes a
   * file, the system takes away the locks of the other, which may destroy the database
   * (https://www.sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application)
   */
  static enter(path: string, client: string): SqliteFile {
    const found = SqliteFile.#all.get(path) ?? new SqliteFile(path, client);
    if (found.client !== client) {
      throw new ConnectError(
        `The SQLite file ${path} is open by ${found.client} in this process, so it can't be opened by ${client} beside it: the two would undo each other's locks and damage the file. Use one of them for all connections.`,
      );
    }
    SqliteFile.#all.set(path, found);
    found.#members++;
    return found;
  }

  readonly path: string;
  readonly client: string;
  #members = 0;
  #writer: Writer | undefined;
  readonly #line = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #seen: string | undefined;
  /** Whether that was seen just now. */
  #fresh = false;
  /** Since when another process has been keeping this one's writers out; set by the first to be told so. */
  #lockedSince: number | undefined;

  private constructor(path: string, client: string) {
    this.path = path;
    this.client = client;
  }

  /** Whether somebody waits for the writer's place. */
  get contended(): boolean {
    return this.#line.size > 0;
  }

  /** Nothing of this file is held any more by one of those who entered. */
  part(): void {
    if (--this.#members === 0) SqliteFile.#all.delete(this.path);
  }

  /** Takes the writer's place at once, if it is free and nobody is in line. */
  tryTake(writer: Writer): boolean {
    if (this.#writer !== undefined) return false;
    this.#writer = writer;
    return true;
  }

  /**
   * Joins the line. Calls one of the two, once, unless the returned function was called before.
   *
   * @param refuse is told for how many milliseconds the writer at work has done nothing
   */
  line(writer: Writer, go: () => void, refuse: (heldFor: number) => void): () => void {
    const waiter: Waiter = { writer, since: performance.now(), go, refuse };
    this.#line.add(waiter);
    if (this.#timer === undefined) this.#watch();
    return () => {
      this.#line.delete(waiter);
      this.#unwatch();
    };
  }

  /** Gives the writer's place to the next in line. */
  leave(writer: Writer): void {
    if (this.#writer !== writer) return;
    this.#writer = undefined;
    const [next] = this.#line;
    if (next === undefined) return;
    this.#line.delete(next);
    this.#unwatch();
    this.#writer = next.writer;
    next.go();
  }

  /** How long a writer that came at `since` may still be kept out by other processes. */
  patience(writer: Writer, since: number): number {
    if (this.#lockedSince === undefined) return writer.busyTimeout;
    // Those who came before it was known have waited as long as the first of them.
    const left = Math.max(this.#lockedSince, since) + writer.busyTimeout - performance.now();
    return Math.max(1, Math.min(left, writer.busyTimeout));
  }

  /** Told of each write's end: whether another process kept it out for all of its patience. */
  wrote(lockedFor: number | undefined): void {
    if (lockedFor === undefined) this.#lockedSince = undefined;
    else this.#lockedSince ??= performance.now() - lockedFor;
  }

  /** Which file lies at the path now, as the system tells files apart; `undefined` where none does. */
  identity(): string | undefined {
    if (!this.#fresh) {
      this.#fresh = true;
      // Not by the clock, which would be looked at with each statement.
      later(() => this.lookAgain(), LOOK_EVERY).unref();
      const stat = statSync(this.path, { throwIfNoEntry: false });
      const seen = stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
      // The same text for as long as it is the same file: that two are one is seen faster than that they are alike.
      if (seen !== this.#seen) this.#seen = seen;
    }
    return this.#seen;
  }

  /** Forgets what was seen, so that the next look is a new one. */
  lookAgain(): void {
    this.#fresh = false;
  }

  /** Refuses those whose patience the writer at work has used up, and comes back when the next one's may be. */
  #watch(): void {
    const now = performance.now();
    const quiet = this.#writer?.quietSince;
    const refused: Waiter[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of this.#line) {
      const waited = quiet === undefined ? 0 : now - Math.max(quiet, waiter.since);
      const left = waiter.writer.busyTimeout - waited;
      if (left > 0) next = Math.min(next, left);
      else refused.push(waiter);
    }
    for (const waiter of refused) this.#line.delete(waiter);
    const again = (): void => this.#watch();
    this.#timer = this.#line.size === 0 ? undefined : setTimeout(again, Math.ceil(next));
    for (const waiter of refused) waiter.refuse(now - (quiet ?? now));
  }

  #unwatch(): void {
    if (this.#line.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
