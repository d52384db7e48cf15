import * as kysely from "kysely";
import { asks, type Block, begins, type Level, streams } from "../../base/ask.ts";
import { AbortError, type Handle, TransactionAbortedError } from "../../index.ts";
import { type Beginning, blockTerms } from "../orm/begin.ts";
import { ByHand } from "./by-hand.ts";
import type { Loan } from "./loan.ts";
import { resultOf } from "./result.ts";
import type { Opening } from "./transactions.ts";

/** A connection as Kysely takes it, for as long as Kysely holds it. */
export class AmbientConnection implements kysely.DatabaseConnection {
  readonly #loan: Loan;
  readonly #connection: Handle;
  /** The transaction with a function that runs through this object; Kysely lets only one at a time. */
  #block: Block | undefined;
  #controlled: ByHand | undefined;
  /** Set where Kysely has said that it may want to cancel the statement that comes next. */
  #cancel: AbortController | undefined;

  constructor(loan: Loan) {
    this.#loan = loan;
    this.#connection = loan.connection;
  }

  async executeQuery<R>(compiled: kysely.CompiledQuery): Promise<kysely.QueryResult<R>> {
    const { sql: text, parameters: values } = compiled;
    const signal = this.#cancel?.signal;
    try {
      const answer = await this.#connection[asks]({ text, values, level: this.#level(), signal });
      return resultOf<R>(compiled, answer);
    } catch (error) {
      // Kysely has answered its caller by then, and would print what comes now.
      if (signal?.aborted && error instanceof AbortError) return { rows: [] };
      throw error;
    } finally {
      this.#cancel = undefined;
    }
  }

  async *streamQuery<R>(
    compiled: kysely.CompiledQuery,
    batch: number,
    options?: kysely.AbortableOperationOptions,
  ): AsyncIterableIterator<kysely.QueryResult<R>> {
    const { sql: text, parameters: values } = compiled;
    const signal = options?.signal;
    const level = this.#level();
    try {
      for await (const rows of this.#connection[streams]({ text, values, batch, level, signal })) {
        yield { rows: rows as R[] };
      }
    } catch (error) {
      if (signal?.aborted && error instanceof AbortError) return;
      throw error;
    }
  }

  /** Kysely calls this before a statement that it may want to cancel. */
  async collectSessionInfo(): Promise<void> {
    this.#cancel = new AbortController();
  }

  async cancelQuery(): Promise<void> {
    this.#cancel?.abort();
  }

  /** Begins a transaction with a function, which is to be called in it. */
  async begin(opening: Opening, wanted: Beginning): Promise<void> {
    const block = this.#connection[begins](blockTerms(this.#connection.dialect, wanted));
    await block.begun;
    opening.block = block;
    this.#block = block;
  }

  /** Begins a controlled transaction. */
  async start(wanted: Beginning): Promise<void> {
    this.#controlled = await ByHand.begin(this.#connection, wanted);
  }

  async commit(): Promise<void> {
    const block = this.#block;
    if (block === undefined) {
      if ((await this.#controlled?.commit()) === false) throw aborted(undefined);
      return;
    }
    this.#block = undefined;
    await block.commit().catch((error: unknown) => {
      throw error instanceof TransactionAbortedError ? aborted(error) : error;
    });
  }

  async rollBack(): Promise<void> {
    const block = this.#block;
    this.#block = undefined;
    await (block ?? this.#controlled)?.rollBack();
  }

  async release(): Promise<void> {
    this.#controlled?.forget();
    await this.#loan.release();
  }

  /** Where statements belong although their async context may not say so. */
  #level(): Level | undefined {
    return this.#block?.level ?? this.#controlled?.level;
  }
}

/** As Kysely says it, in the versions that have a word for it. */
function aborted(cause: TransactionAbortedError | undefined): Error {
  const error = cause ?? new TransactionAbortedError({});
  const Class: typeof kysely.AbortedTransactionError | undefined = kysely.AbortedTransactionError;
  return Class === undefined ? error : new Class({ cause: error });
}
