import { AsyncResource } from "node:async_hooks";

/** A callback in Node.js's manner. */
export type Callback<Args extends unknown[]> = (error?: unknown, ...args: Args) => void;

/**
 * The two ways of being answered: by `callback` where there is one (and then nothing is returned), else by a promise. A
 * callback runs in the async context of its caller, whoever's turn it is when the answer comes.
 */
export function answer<Value>(
  Own: PromiseConstructor,
  callback: Callback<never[]> | undefined,
): {
  readonly done: Callback<[value?: Value, ...rest: unknown[]]>;
  readonly result: Promise<Value> | undefined;
} {
  if (callback) {
    return { done: AsyncResource.bind(callback as Callback<[value?: Value]>), result: undefined };
  }
  let settle: Callback<[value?: Value]> = () => {};
  const result = new Own<Value>((resolve, reject) => {
    settle = (error, value) => (error ? reject(error) : resolve(value as Value));
  }).catch((error: unknown) => {
    // The stack that leads to the socket says nothing; this one leads to the program.
    if (error instanceof Error && Object.isExtensible(error)) Error.captureStackTrace(error);
    throw error;
  });
  return { done: settle, result };
}
