/** What programs read of the queues in which mysql2's pool keeps its connections: how many there are, and each. */
export interface QueueView<T> extends Iterable<T> {
  readonly length: number;
  get(index: number): T | undefined;
  toArray(): T[];
  isEmpty(): boolean;
}

/**
 * @param items those that are known one by one
 * @param count how many there are, where that can be more
 */
export function queueView<T>(items: readonly T[], count = items.length): QueueView<T> {
  return {
    length: count,
    get: (index) => items.at(index),
    toArray: () => [...items],
    isEmpty: () => count === 0,
    [Symbol.iterator]: () => items[Symbol.iterator](),
  };
}
