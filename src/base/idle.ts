/**
 * Milliseconds that the event loop has spent asleep, waiting for something to happen:
 * https://nodejs.org/api/perf_hooks.html#performancenodetimingidletime. Bun and Deno do not count them: always 0 there.
 */
export function idleTime(): number {
  return (performance as { readonly nodeTiming?: { readonly idleTime: number } }).nodeTiming?.idleTime ?? 0;
}
