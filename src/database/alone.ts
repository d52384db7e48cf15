import type { Connection, Result, Statement } from "../driver/driver.ts";
import { DatabaseError } from "../driver/errors.ts";
import type { Loan } from "../pool/loan.ts";
import type { Pool } from "../pool/pool.ts";
import type { Scopes } from "./scope.ts";

/** One connection's loan. */
type Lent = Loan<Connection>;

/**
 * Runs statements outside any scope, each on a connection of its own for as long as it takes: without a session, since nobody
 * else can send on that connection, and nobody gives the statement up. Where a connection lies ready and its client works in
 * this thread, the answer is there at once; who has to wait is sent in the very call that lends him a connection.
 */
export class Alone {
  readonly #pool: Pool<Connection>;

  constructor(pool: Pool<Connection>) {
    this.#pool = pool;
  }

  /** @throws what the statement fails with, here or by the promise */
  run(statement: Statement, scopes: Scopes): Result | Promise<Result> {
    const ready = this.#pool.acquireReady();
    if (ready !== undefined) return this.#send(ready, statement);
    return new Promise((resolve, reject) => {
      // All leases that such a statement is surrounded by are the pool's own loans.
      const enclosing = scopes.enclosing() as readonly Lent[];
      const lent = (loan: Lent): void => {
        try {
          resolve(this.#send(loan, statement));
        } catch (error) {
          reject(error);
        }
      };
      this.#pool.standInLine(enclosing, lent, reject);
    });
  }

  #send(loan: Lent, statement: Statement): Result | Promise<Result> {
    const { item: connection } = loan;
    if (connection.queryNow !== undefined) {
      let result: Result | undefined;
      try {
        result = connection.queryNow(statement);
      } catch (error) {
        return this.#failed(loan, error);
      }
      if (result !== undefined) return this.#done(loan, result);
    }
    return connection.query(statement).then(
      (result) => this.#done(loan, result),
      (error: unknown) => this.#failed(loan, error),
    );
  }

  /** The answer, when the connection can be lent again. */
  #done(loan: Lent, result: Result): Result | Promise<Result> {
    const settled = this.#pool.release(loan);
    return settled === undefined ? result : settled.then(() => result);
  }

  #failed(loan: Lent, error: unknown): Promise<never> {
    const { lost } = loan;
    // A statement that was stopped because its connection was taken away hears of that.
    const taken = lost !== undefined && error instanceof DatabaseError && error.kind === "cancelled";
    const reason = taken ? lost : error;
    return Promise.resolve(this.#pool.release(loan)).then(() => {
      throw reason;
    });
  }
}
