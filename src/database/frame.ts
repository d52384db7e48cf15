import { ConnectionClosedError, TransactionEndedError } from "./errors.ts";

/** Somebody in line. */
interface Waiter {
  readonly exclusive: boolean;
  enter(): void;
  refuse(error: Error): void;
}

/**
 * One level of a connection's transactions: the connection itself, an `atomic` block on it, a savepoint in that. It says
 * who may send now. Statements share it, since the connection takes them in order anyway; a block one level deeper, and a
 * statement that may have to be cancelled, have it to themselves. All go in the order in which they came.
 */
export class Frame {
  readonly parent: Frame | undefined;
  /** 0 for the connection itself, 1 for a transaction, 2 and more for savepoints. */
  readonly depth: number;
  /** The last failure of a statement in this level, told when the transaction turns out to be aborted. */
  failure: unknown;
  /** Set when the database has ended the transaction by itself, so that nothing runs outside of it unnoticed. */
  broken = false;
  #finished: "ended" | "closed" | undefined;
  #sharing = 0;
  #alone = false;
  /** Made when somebody has to wait: hardly any frame needs them. */
  #line: Waiter[] | undefined;
  #idle: (() => void)[] | undefined;

  constructor(parent?: Frame) {
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Whether the block is over, or one around it. */
  get finished(): boolean {
    return this.#finished !== undefined || (this.parent?.finished ?? false);
  }

  /** Whether it is `outer`, or a level inside that. */
  isWithin(outer: Frame): boolean {
    return this === outer || (this.parent?.isWithin(outer) ?? false);
  }

  /** Throws where nothing can be sent from here any more. */
  check(): void {
    if (this.#finished === "closed") throw new ConnectionClosedError();
    if (this.#finished === "ended") throw new TransactionEndedError();
    this.parent?.check();
  }

  /** Enters at once, if nobody is ahead. */
  tryEnter(exclusive: boolean): boolean {
    if (this.#alone || this.#waiting || (exclusive && this.#sharing > 0)) return false;
    this.#take(exclusive);
    return true;
  }

  /** Enters when it is this one's turn. An abort of `signal` leaves the line; `refusal` makes the error. */
  enter(exclusive: boolean, signal?: AbortSignal, refusal?: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const leaveLine = (): void => {
        const at = this.#line?.indexOf(waiter) ?? -1;
        if (at < 0) return;
        this.#line?.splice(at, 1);
        reject(refusal?.());
        this.#advance();
      };
      const waiter: Waiter = {
        exclusive,
        enter: () => {
          signal?.removeEventListener("abort", leaveLine);
          resolve();
        },
        refuse: (error) => {
          signal?.removeEventListener("abort", leaveLine);
          reject(error);
        },
      };
      signal?.addEventListener("abort", leaveLine, { once: true });
      this.#line ??= [];
      this.#line.push(waiter);
      this.#advance();
    });
  }

  leave(exclusive: boolean): void {
    if (exclusive) this.#alone = false;
    else this.#sharing--;
    this.#advance();
  }

  /** Settles when nobody is inside and nobody in line. */
  async idle(): Promise<void> {
    while (this.#alone || this.#sharing > 0 || this.#waiting) {
      await new Promise<void>((resolve) => {
        this.#idle ??= [];
        this.#idle.push(resolve);
      });
    }
  }

  /** Nothing enters any more, and who is in line is turned away. */
  finish(why: "ended" | "closed"): void {
    this.#finished ??= why;
    // Every scope and block ends here, nearly always with nobody in line; an error costs more than all the rest.
    if (this.#line !== undefined && this.#line.length > 0) {
      const error = why === "closed" ? new ConnectionClosedError() : new TransactionEndedError();
      for (const waiter of this.#line.splice(0)) waiter.refuse(error);
    }
    this.#advance();
  }

  #take(exclusive: boolean): void {
    if (exclusive) this.#alone = true;
    else this.#sharing++;
  }

  get #waiting(): boolean {
    return this.#line !== undefined && this.#line.length > 0;
  }

  #advance(): void {
    while (!this.#alone) {
      const first = this.#line?.[0];
      if (first === undefined || (first.exclusive && this.#sharing > 0)) break;
      this.#line?.shift();
      this.#take(first.exclusive);
      first.enter();
    }
    if (this.#idle !== undefined && !this.#alone && this.#sharing === 0 && !this.#waiting) {
      for (const tell of this.#idle.splice(0)) tell();
    }
  }
}
