/** How many stacks are recorded in one second; a stack costs some microseconds, so this is at most a thousandth of the time. */
const STACKS_PER_SECOND = 100;
const FRAMES = 12;

/**
 * Records where connections are taken, for leak reports. Every loan, as long as they are few; of a storm only the first
 * hundred each second: a loan that is held for long is likely to be found in a quiet second too.
 */
export class Trace {
  private second = Number.NEGATIVE_INFINITY;
  private left = 0;

  /** The stack above `caller` (a function of the pool), or `undefined` where enough were recorded lately. */
  take(now: number, caller: (...args: never[]) => unknown): Stack | undefined {
    if (now - this.second >= 1000) {
      this.second = now;
      this.left = STACKS_PER_SECOND;
    }
    if (this.left === 0) return undefined;
    this.left--;
    const stack: Stack = {};
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(stack, caller);
    Error.stackTraceLimit = limit;
    return stack;
  }
}

/** A recorded stack. The engine writes the text only when somebody reads it. */
export interface Stack {
  stack?: string;
}

/** The lines of a recorded stack. */
export function lines(stack: Stack | undefined): string | undefined {
  const text = stack?.stack ?? "";
  const first = text.indexOf("\n");
  return first < 0 ? undefined : text.slice(first + 1);
}
