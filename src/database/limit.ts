import { LONGEST_TIMER } from "../base/clock.ts";
import { AbortError } from "../base/error.ts";
import { StatementTimeoutError } from "../driver/errors.ts";

/** How long somebody waits for a statement. */
export interface Limit {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that are left. */
  readonly left: number | undefined;
  /** Milliseconds there were at the start, for the message. */
  readonly timeout: number | undefined;
  /** The statement's text, for the message. */
  readonly text: string;
}

/** The error of a statement that was given up by its signal. */
export function abortedStatement(signal: AbortSignal | undefined): AbortError {
  return new AbortError("A statement", { cause: signal?.reason });
}

/**
 * What `running` gives, or an `AbortError` or `StatementTimeoutError` as soon as the limit is reached; `stop` is called
 * then, once, and before the error is seen.
 */
export function limited<T>(running: Promise<T>, limit: Limit, stop: () => void): Promise<T> {
  const { signal, left, timeout, text } = limit;
  if (signal === undefined && left === undefined) return running;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const giveUp = (error: Error): void => {
      finish();
      stop();
      reject(error);
    };
    const onAbort = (): void => giveUp(abortedStatement(signal));
    const timer =
      left === undefined
        ? undefined
        : setTimeout(
            () => giveUp(new StatementTimeoutError(timeout ?? left, text)),
            Math.min(left, LONGEST_TIMER),
          );
    signal?.addEventListener("abort", onAbort, { once: true });
    running.then(
      (value) => {
        finish();
        resolve(value);
      },
      (error) => {
        finish();
        reject(error);
      },
    );
    if (signal?.aborted) onAbort();
  });
}
