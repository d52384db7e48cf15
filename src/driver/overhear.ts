import { EventEmitter, errorMonitor } from "node:events";

/**
 * Takes a listener of `error` out of those that programs count, and has it told all the same, before any other. As long as
 * nobody else listens, an error still does not end the process. What it returns puts the listener back.
 *
 * An emitter of another make than Node.js's keeps its listener.
 *
 * https://nodejs.org/api/events.html#eventserrormonitor
 */
export function overhear(emitter: object, listener: (error: never) => void): () => void {
  if (!(emitter instanceof EventEmitter)) return () => {};
  const tell = listener as (error: unknown) => void;
  const hear = (error: unknown): void => {
    if (emitter.listenerCount("error") === 0) emitter.once("error", () => {});
    tell(error);
  };
  emitter.on(errorMonitor, hear).off("error", tell);
  return () => {
    emitter.off(errorMonitor, hear).on("error", tell);
  };
}
