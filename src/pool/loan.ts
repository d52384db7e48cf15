import { sample } from "../base/sample.ts";
import type { Place } from "./place.ts";
import type { Stack } from "./trace.ts";

/** What the runner keeps at each place. */
export class Spot<T> {
  /** There from the moment it is open. */
  item: T | undefined = undefined;
  loan: Loan<T> | undefined = undefined;
  /** Ends the attempt to connect. */
  readonly attempt = new AbortController();
  /** Why it died, where it died by itself. */
  cause: Error | undefined = undefined;
  /** Called when its place is free. */
  whenGone: (() => void)[] | undefined = undefined;
  /** Retirements announced while it was being opened. */
  retiring: ((item: T) => boolean)[] | undefined = undefined;
}

/** A name that is made into text only when somebody reads it. */
export type Named = string | { toString(): string };

/** A connection in somebody's hands, from `acquire` until `release` or `destroy`, or until the pool takes it away. */
export class Loan<T> {
  readonly item: T;
  readonly #context: Named | undefined;
  /** Set when the pool took the connection away or it died: what the holder is to be told at the next use. */
  lost: Error | undefined = undefined;
  /** Belongs to the pool: where the connection is, until it was given back. */
  place: Place<Spot<T>> | undefined;
  /** Belongs to the pool: settles when what `release` began is done. */
  settled: Promise<void> | undefined = undefined;
  /** Belongs to the pool: where it was taken. */
  readonly stack: Stack | undefined;

  constructor(place: Place<Spot<T>>, item: T, context: Named | undefined, stack: Stack | undefined) {
    this.item = item;
    this.#context = context;
    this.place = place;
    this.stack = stack;
  }

  /** What the holder called itself. */
  get context(): string | undefined {
    return this.#context?.toString();
  }

  /** Whether it has neither been given back nor taken away. */
  get held(): boolean {
    return this.place !== undefined;
  }
}

sample(new Loan(undefined as never, undefined, undefined, undefined));
