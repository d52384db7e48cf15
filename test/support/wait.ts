import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until `condition` gives something truthy, and gives that.
 *
 * @param what what is waited for, for the error
 * @param seconds how long at most; 30 by default
 * @param every milliseconds between two looks; 10 by default
 * @throws Error naming `what`, with the last error that `condition` threw as its cause
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { seconds = 30, every = 10 }: { seconds?: number; every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) throw new Error(`Waited ${seconds} s for: ${what}`, { cause: last });
    await sleep(every);
  }
}
