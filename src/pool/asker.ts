import { sample } from "../base/sample.ts";
import type { Loan, Named } from "./loan.ts";
import { Waiter } from "./queue.ts";
import type { Stack } from "./trace.ts";

/** What `acquire` may be told. */
export interface AcquireRequest<T> {
  /** Gives the waiting up, with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the option of that name, in milliseconds; `0` waits for ever. */
  readonly timeout?: number | undefined;
  /** The loans that the caller's own enclosing scopes hold. */
  readonly enclosing?: readonly Loan<T>[] | undefined;
  /** Told of a failed attempt to connect although there is a `timeout`, which is then for holders alone. */
  readonly failFast?: boolean | undefined;
  /** The connection is wanted for one statement, so waiting for one at hand beats opening another. */
  readonly brief?: boolean | undefined;
  /** What the holder is called in errors, events and reports. */
  readonly context?: Named | undefined;
}

/**
 * Somebody who waits, as the runner knows it. One object for what the machine and the runner need: while thousands wait, each
 * object more is copied by the garbage collector, and counts among the bytes that a caller costs.
 */
export abstract class Asker<T> extends Waiter<AcquireRequest<T>> {
  /** Where it asked; nobody is above it any more when it gets a connection. */
  stack: Stack | undefined = undefined;

  constructor(request: AcquireRequest<T>, since: number, timeout: number | undefined) {
    super(request, since, request.timeout ?? timeout, request.brief ?? false, request.failFast);
  }

  abstract lent(loan: Loan<T>): void;
  abstract refused(error: unknown): void;
}

/** One who awaits the answer. */
export class Awaiting<T> extends Asker<T> {
  readonly #resolve: (answer: Loan<T> | Promise<never>) => void;

  constructor(
    request: AcquireRequest<T>,
    since: number,
    timeout: number | undefined,
    resolve: (answer: Loan<T> | Promise<never>) => void,
  ) {
    super(request, since, timeout);
    this.#resolve = resolve;
  }

  lent(loan: Loan<T>): void {
    this.#resolve(loan);
  }

  /** Through the same function, since a promise's other one takes 64 bytes as long as somebody keeps it. */
  refused(error: unknown): void {
    this.#resolve(Promise.reject(error));
  }
}

/** One who is called with the answer. */
export class Calling<T> extends Asker<T> {
  readonly lent: (loan: Loan<T>) => void;
  readonly refused: (error: unknown) => void;

  constructor(
    request: AcquireRequest<T>,
    since: number,
    timeout: number | undefined,
    lent: (loan: Loan<T>) => void,
    refused: (error: unknown) => void,
  ) {
    super(request, since, timeout);
    this.lent = lent;
    this.refused = refused;
  }
}

sample(new Awaiting({}, 0.5, undefined, () => {}));
