import { asks, type Level, levels, stands } from "../../base/ask.ts";
import { ApocryphanError, type Handle, OptionError, TransactionEndedError } from "../../index.ts";
import { type Beginning, beginTexts } from "../orm/begin.ts";

/** The controlled transactions that are open, by the client library's own object for their connection. */
const open = new WeakMap<object, ByHand>();

/**
 * A transaction begun with a statement, as by hand: it belongs to its connection and not to an async context, so all that is
 * sent there until its end is part of it. Where there is a transaction already, it is a savepoint.
 */
export class ByHand {
  readonly #connection: Handle;
  readonly #raw: object;
  /** The savepoint's name; `undefined` for a whole transaction. */
  readonly #savepoint: string | undefined;
  /** Where it was begun; it ends with that at the latest. */
  readonly level: Level;

  private constructor(connection: Handle, raw: object, savepoint: string | undefined) {
    this.#connection = connection;
    this.#raw = raw;
    this.#savepoint = savepoint;
    this.level = connection[levels];
  }

  /** @throws ApocryphanError where one is open on this connection; OptionError where it would be a savepoint with settings */
  static async begin(connection: Handle, wanted: Beginning): Promise<ByHand> {
    const raw = connection.raw as object;
    if (open.get(raw)?.level.finished === false) throw new ControlledTransactionError();
    const nested = connection[stands] !== "idle";
    if (nested && Object.values(wanted).some((value) => value !== undefined)) {
      throw new OptionError(
        "isolation",
        "A controlled transaction inside a transaction is a savepoint and can't change how its transaction was begun; leave out the isolation level and the access mode.",
      );
    }
    const transaction = new ByHand(connection, raw, nested ? "apocryphan_controlled" : undefined);
    open.set(raw, transaction);
    try {
      const texts = nested ? ["savepoint apocryphan_controlled"] : beginTexts(connection.dialect, wanted);
      await transaction.#send(texts);
    } catch (error) {
      transaction.forget();
      throw error;
    }
    return transaction;
  }

  /** `false` where the database has rolled it back instead. @throws TransactionEndedError where the block around it has ended */
  async commit(): Promise<boolean> {
    if (this.level.finished) throw new TransactionEndedError();
    const standing = this.#connection[stands];
    if (standing === "failed" || standing === "idle") {
      await this.rollBack();
      return false;
    }
    await this.#send(this.#savepoint === undefined ? ["commit"] : [`release savepoint ${this.#savepoint}`]);
    this.forget();
    return true;
  }

  async rollBack(): Promise<void> {
    this.forget();
    // A deadlock's victim has been rolled back already, and so has what lay in a block that ended.
    if (this.level.finished || this.#connection[stands] === "idle") return;
    const back = `rollback to savepoint ${this.#savepoint}`;
    const forget = `release savepoint ${this.#savepoint}`;
    await this.#send(this.#savepoint === undefined ? ["rollback"] : [back, forget]);
  }

  /** Its connection is given back; what was not committed is rolled back there. */
  forget(): void {
    if (open.get(this.#raw) === this) open.delete(this.#raw);
  }

  async #send(texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.#connection[asks]({ text, values: [], level: this.level });
  }
}

/** A second controlled transaction was started on a connection where one is open: their statements could not be told apart. */
class ControlledTransactionError extends ApocryphanError {
  constructor() {
    super(
      "CONTROLLED_TRANSACTION",
      "A controlled transaction is open on this async context's connection already, so a second was not started: their statements would run in each other. Commit or roll back the first, use transaction().execute(fn), or start this one in db.withConnection(fn, { fresh: true }).",
    );
  }
}
