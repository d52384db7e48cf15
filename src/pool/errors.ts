import { ApocryphanError } from "../base/error.ts";

/** Somebody who holds a connection, as an error or a report shows it. */
export interface Holder {
  /** How long it has been held, in milliseconds. */
  readonly age: number;
  /** What the holder called itself. */
  readonly context: string | undefined;
  /** Where it was taken; only where `leakTimeout` is set, and not for each when many are taken. */
  readonly stack: string | undefined;
}

/** The numbers behind a refusal. */
export interface Exhaustion {
  readonly max: number;
  readonly open: number;
  readonly inUse: number;
  readonly connecting: number;
  readonly waiting: number;
  /** How long the caller waited, in milliseconds. */
  readonly waited: number;
  /** The longest loan first. */
  readonly holders: readonly Holder[];
}

/**
 * There was no connection to be had: every one is in use and no `timeout` is set, or the `timeout` has passed, or
 * `maxWaiting` others wait already. Where connecting failed meanwhile, `cause` is the last `ConnectError`.
 */
export class MaxConnectionsExceededError extends ApocryphanError implements Exhaustion {
  readonly max: number;
  readonly open: number;
  readonly inUse: number;
  readonly connecting: number;
  readonly waiting: number;
  readonly waited: number;
  readonly holders: readonly Holder[];

  constructor(message: string, numbers: Exhaustion, options?: { cause?: unknown; code?: string }) {
    super(
      options?.code ?? "POOL_EXHAUSTED",
      message,
      options?.cause === undefined ? {} : { cause: options.cause },
    );
    this.max = numbers.max;
    this.open = numbers.open;
    this.inUse = numbers.inUse;
    this.connecting = numbers.connecting;
    this.waiting = numbers.waiting;
    this.waited = numbers.waited;
    this.holders = numbers.holders;
  }
}

/** The caller's own enclosing scopes hold every connection, so it would wait for itself. */
export class PoolDeadlockError extends MaxConnectionsExceededError {
  constructor(message: string, numbers: Exhaustion) {
    super(message, numbers, { code: "POOL_DEADLOCK" });
  }
}

/** The pool was closed or is being drained. */
export class PoolClosedError extends ApocryphanError {
  constructor(message: string) {
    super("POOL_CLOSED", message);
  }
}
