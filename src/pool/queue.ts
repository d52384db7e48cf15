import { Chain, type Link } from "../base/chain.ts";
import { Deadlines, type Due } from "./deadlines.ts";

const BRIEF = 1;
const FAIL_FAST = 2;

/**
 * Somebody who asked for a connection and has no answer yet. `C` is the caller and `A` how he is answered, which only the runner
 * knows. One object for what the machine and the runner need, and one class: while thousands wait, each object more is copied by the
 * garbage collector and counts among the bytes that a caller costs, and each class more is a call more for every caller.
 */
export class Waiter<C, A = unknown> implements Link<Waiter<C>>, Due {
  readonly caller: C;
  /** When it asked. */
  readonly since: number;
  /** How long it may wait, in milliseconds: 0 where it has no limit of its own, -1 where it has no `timeout`. */
  readonly limit: number;
  /** The two that follow in one, since thousands may wait. */
  private readonly manner: number;
  waiting = false;
  spot = -1;
  before: Waiter<C> | undefined = undefined;
  after: Waiter<C> | undefined = undefined;
  readonly answer: A;
  /** Where it asked, as the runner keeps it; nobody is above it any more when it gets a connection. */
  stack: unknown = undefined;

  constructor(
    caller: C,
    since: number,
    timeout: number | undefined,
    brief: boolean,
    failFast = false,
    answer: A = undefined as A,
  ) {
    this.answer = answer;
    this.caller = caller;
    this.since = since;
    this.limit = timeout ?? -1;
    this.manner = (brief ? BRIEF : 0) | (failFast ? FAIL_FAST : 0);
  }

  /** Whether it waits for a server that can't be reached. One that does not is told of the failed attempt. */
  get persistent(): boolean {
    return this.patient && (this.manner & FAIL_FAST) === 0;
  }

  /** Whether it wants the connection for one statement only, so that waiting for its turn beats opening another. */
  get brief(): boolean {
    return (this.manner & BRIEF) !== 0;
  }

  /** Whether it has a `timeout` (`0` too). One without is refused rather than made to wait for a holder. */
  get patient(): boolean {
    return this.limit >= 0;
  }

  /** When it must have an answer; `Infinity` where it has no limit of its own. Not kept, since it would be 24 bytes more. */
  get deadline(): number {
    return this.limit <= 0 ? Number.POSITIVE_INFINITY : this.since + this.limit;
  }
}

/** Those who wait, first come, first served. Joining, being served and leaving cost the same at any length. */
export class Queue<C> {
  private readonly line = new Chain<Waiter<C>>();
  private readonly deadlines = new Deadlines<Waiter<C>>();
  /** How many of them are brief. */
  brief = 0;
  /** How many of them do not wait for a server that can't be reached. */
  impatient = 0;

  get size(): number {
    return this.line.size;
  }

  /** How many of them want a connection for a scope rather than for one statement. */
  get scopes(): number {
    return this.line.size - this.brief;
  }

  /** Whose turn it is. */
  get head(): Waiter<C> | undefined {
    return this.line.first;
  }

  /** The earliest deadline, `Infinity` where nobody has one. */
  get deadline(): number {
    return this.deadlines.first?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Who has to be answered first. */
  get mostUrgent(): Waiter<C> | undefined {
    return this.deadlines.first;
  }

  join(waiter: Waiter<C>): void {
    waiter.waiting = true;
    this.line.push(waiter);
    if (waiter.limit > 0) this.deadlines.add(waiter);
    if (waiter.brief) this.brief++;
    if (!waiter.persistent) this.impatient++;
  }

  leave(waiter: Waiter<C>): void {
    waiter.waiting = false;
    this.line.remove(waiter);
    if (waiter.limit > 0) this.deadlines.remove(waiter);
    if (waiter.brief) this.brief--;
    if (!waiter.persistent) this.impatient--;
  }

  [Symbol.iterator](): IterableIterator<Waiter<C>> {
    return this.line[Symbol.iterator]();
  }
}
