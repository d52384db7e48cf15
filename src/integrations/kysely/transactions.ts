import { AsyncLocalStorage } from "node:async_hooks";
import { type Transaction, TransactionBuilder } from "kysely";
import type { Block } from "../../base/ask.ts";

/** A call of `transaction().execute(fn)`, and the block that was begun for it. */
export class Opening {
  block: Block | undefined;
}

const openings = new AsyncLocalStorage<Opening | undefined>();
let watched = false;

/**
 * Has the function given to `transaction().execute(fn)` called in an async context of its transaction's, so that all it calls is
 * part of that. A driver is only told to begin and to commit, and can't tell a transaction with a function from a controlled
 * one; so this is done at the class. Other dialects' transactions are left as they are. See docs/decisions/0008-query-builders.md.
 */
export function watchTransactions(): void {
  if (watched) return;
  watched = true;
  const { execute } = TransactionBuilder.prototype;
  TransactionBuilder.prototype.execute = function <T>(
    this: TransactionBuilder<unknown>,
    fn: (transaction: Transaction<unknown>) => Promise<T>,
  ): Promise<T> {
    const opening = new Opening();
    const inside = (transaction: Transaction<unknown>): Promise<T> => {
      const { block } = opening;
      return openings.run(undefined, () =>
        block === undefined ? fn(transaction) : block.run(() => fn(transaction)),
      );
    };
    return openings.run(opening, () => execute.call(this, inside)) as Promise<T>;
  };
}

/** The call for which a transaction is being begun here; `undefined` for a controlled one. */
export function openingHere(): Opening | undefined {
  return openings.getStore();
}
