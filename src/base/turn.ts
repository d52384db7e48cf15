/**
 * How to go on later in this turn of the event loop, or after it, as Node.js had it when this was loaded. A test that replaces
 * these functions, as Jest's fake timers do, means its own waiting: connections are to be opened and handed on all the same.
 */
export const nextTick: typeof process.nextTick = process.nextTick.bind(process);
export const afterTurn: typeof setImmediate = setImmediate;
export const microtask: typeof queueMicrotask = queueMicrotask;
export const later: typeof setTimeout = setTimeout;
