import { sample } from "../base/sample.ts";
import type { Loan, Named } from "./loan.ts";
import { Waiter } from "./queue.ts";

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
 * Somebody who receives his loan by a call instead of from the promise he waits for, which then gives nothing. A promise that is
 * given an object looks whether that has a `then`, along all its prototypes, which is a tenth of what a caller who waits costs.
 */
export interface Receiver<T> extends AcquireRequest<T> {
  receive(loan: Loan<T>): void;
}

/**
 * How an answer is given: the function that settles a promise, or two that are called. Of a promise only the one that resolves it,
 * since the other takes 64 bytes as long as somebody keeps it.
 */
export type Tell<T> =
  | ((answer: Loan<T> | undefined | Promise<never>) => void)
  | { readonly lent: (loan: Loan<T>) => void; readonly refused: (error: unknown) => void };

/** Somebody who waits, as the runner knows it. */
export type Asker<T> = Waiter<AcquireRequest<T>, Tell<T>>;

/** @param timeout the pool's own */
export function askerOf<T>(
  request: AcquireRequest<T>,
  since: number,
  timeout: number | undefined,
  tell: Tell<T>,
): Asker<T> {
  return new Waiter(
    request,
    since,
    request.timeout ?? timeout,
    request.brief ?? false,
    request.failFast,
    tell,
  );
}

export function tellLent<T>({ caller, answer }: Asker<T>, loan: Loan<T>): void {
  if (typeof answer !== "function") answer.lent(loan);
  else if (receives(caller)) {
    caller.receive(loan);
    answer(undefined);
  } else answer(loan);
}

function receives<T>(caller: AcquireRequest<T>): caller is Receiver<T> {
  return (caller as Partial<Receiver<T>>).receive !== undefined;
}

export function tellRefused<T>({ answer }: Asker<T>, error: unknown): void {
  if (typeof answer === "function") answer(Promise.reject(error));
  else answer.refused(error);
}

sample(askerOf({}, 0.5, undefined, () => {}));
