/**
 * Calls `fn` when the event loop has been through a whole poll phase, so that every socket that the other side has
 * closed meanwhile is known to be closed. Costs no round trip and, in a loop that has nothing else to do, microseconds.
 *
 * Two immediates, not one: called from within a poll phase (in which most callbacks run), the first comes right after
 * it, before the network was looked at again.
 * https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
 */
export function afterPoll(fn: () => void): void {
  setImmediate(() => setImmediate(fn));
}
