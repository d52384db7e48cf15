import type { Connection, Result, Statement } from "../driver/driver.ts";
import { DatabaseError } from "../driver/errors.ts";
import type { Loan } from "../pool/loan.ts";
import type { Pool } from "../pool/pool.ts";
import type { Here } from "./here.ts";
import type { Scopes } from "./scope.ts";
import type { Lease } from "./source.ts";

/** One connection's loan. */
type Lent = Loan<Connection>;

/**
 * Runs statements outside any scope, each on a connection of its own for as long as it takes: without a session, since nobody
 * else can send on that connection, and nobody gives the statement up. Where a connection lies ready and its client works in
 * this thread, the answer is there at once; who has to wait is sent in the very call that lends him a connection.
 */
export class Alone {
  readonly #pool: Pool<Connection>;
  readonly #here: Here | undefined;

  /** @param here where the pool's connections live in this thread */
  constructor(pool: Pool<Connection>, here?: Here) {
    this.#pool = pool;
    this.#here = here;
  }

  /** @throws what the statement fails with, here or by the promise */
  run(statement: Statement, scopes: Scopes): Result | Promise<Result> {
    const here = this.#here;
    if (here === undefined) return this.#onLoan(statement, () => scopes.enclosing());
    if (here.holds(statement.text)) return this.#held(here, statement, scopes.enclosing());
    return here.run(statement) ?? this.#onLoan(statement, () => scopes.enclosing());
  }

  #held(here: Here, statement: Statement, enclosing: readonly Lease[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        try {
          resolve(this.#onLoan(statement, () => enclosing));
        } catch (error) {
          reject(error);
        }
      };
      here.hold({ statement, resolve, reject, giveUp });
    });
  }

  #onLoan(statement: Statement, enclosing: () => readonly Lease[]): Result | Promise<Result> {
    const ready = this.#pool.acquireReady();
    if (ready !== undefined) return this.#send(ready, statement);
    return new Promise((resolve, reject) => {
      const lent = (loan: Lent): void => {
        try {
          resolve(this.#send(loan, statement));
        } catch (error) {
          reject(error);
        }
      };
      // All leases that such a statement is surrounded by are the pool's own loans.
      this.#pool.standInLine(enclosing() as readonly Lent[], lent, reject);
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
