/** What `stats()` gives: a plain object, a picture of one moment. */
export interface PoolStats {
  /** `maxConnections`. */
  readonly max: number;
  /** `minConnections`. */
  readonly min: number;
  /** Connections that are open: idle, in use, or on their way out. */
  readonly open: number;
  /** Those that can be lent, or are being checked for it. */
  readonly idle: number;
  /** Those that somebody holds, or that are being made fit after they came back. */
  readonly inUse: number;
  /** Attempts to connect under way. */
  readonly connecting: number;
  /** Those being closed, attempts that are being given up included. */
  readonly closing: number;
  /** Callers who have no answer yet. */
  readonly waiting: number;
  /** Connections lent since the start. */
  readonly acquired: number;
  /** Connections given back since the start, those taken away included. */
  readonly released: number;
  /** Callers who had to wait since the start, be it for a moment. */
  readonly waited: number;
  /**
   * The sum of how long they waited before they got one, in milliseconds. Who waits without a limit behind others may count from
   * the last time that somebody came or gave back in the same turn of the event loop.
   */
  readonly waitTime: number;
  /** Connections opened since the start. */
  readonly connects: number;
  /** Attempts to connect that failed since the start. */
  readonly connectErrors: number;
  /** Connections whose closing began since the start. */
  readonly closes: number;
  /** Callers whose `timeout` passed since the start. */
  readonly timeouts: number;
  /** Callers refused for any other reason since the start. */
  readonly refused: number;
  /** Callers who gave up by their signal since the start. */
  readonly aborted: number;
  /** Connections that were held longer than `leakTimeout` since the start. */
  readonly leaks: number;
}

/** The counters since the start; the rest of `PoolStats` is read from the machine. */
export class Counters {
  acquired = 0;
  released = 0;
  waited = 0;
  waitTime = 0;
  connects = 0;
  connectErrors = 0;
  closes = 0;
  timeouts = 0;
  refused = 0;
  aborted = 0;
  leaks = 0;
}
