import { later } from "./turn.ts";

/** Time as the library sees it. Handed in, so that tests can run years in a millisecond. */
export interface Clock {
  /** Milliseconds that only ever grow; not the time of day, so a clock that is set changes nothing. */
  now(): number;
  /** Calls `fn` once, `ms` from now at the earliest. Gives a function that calls it off. Never keeps the process alive when `idle`. */
  after(ms: number, fn: () => void, options?: { idle?: boolean }): () => void;
}

/** The longest delay that Node.js timers take; a longer one would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

const { performance: machine } = globalThis;

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  // A test that puts its own time in the place of the machine's does so with the timers too. The engine knows by itself whether
  // those are still the same; to look `performance` up each time, which has a getter, costs a third of what the time costs.
  now: () => (setTimeout === later ? machine : globalThis.performance).now(),
  after(ms, fn, options) {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMER);
      timer = setTimeout(() => (left > step ? arm(left - step) : fn()), step);
      if (options?.idle) timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
