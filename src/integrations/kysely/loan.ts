import { lends } from "../../base/ask.ts";
import type { Database, Handle } from "../../index.ts";

/** A connection until it is released, for those who can't say what they need it for in one function. */
export interface Loan {
  readonly connection: Handle;
  /** Settles when it can be lent again, or its place is free. */
  release(): Promise<void>;
}

/**
 * This context's connection, or one that is taken.
 *
 * @throws what `withConnection` throws
 */
export function borrow(db: Database, signal: AbortSignal | undefined): Promise<Loan> {
  const loan = Promise.withResolvers<Loan>();
  const over = Promise.withResolvers<void>();
  const lent = db[lends]((connection) => {
    const release = (): Promise<void> => {
      over.resolve();
      return lent;
    };
    loan.resolve({ connection, release });
    return over.promise;
  }, signal);
  lent.catch(loan.reject);
  return loan.promise;
}
