import { ApocryphanError } from "../base/error.ts";
import { shortened } from "../driver/errors.ts";

/** A statement, or `conn`, in an async context that holds no connection, where none is taken by itself. */
export class NoConnectionError extends ApocryphanError {
  constructor(what: string) {
    super(
      "NO_CONNECTION",
      `${what} needs a connection, and this async context has none. Wrap the work in db.withConnection(async () => { … }), or await db.connect() before it and db.close() after it; or set autoconnect: true, so that each statement takes a connection by itself.`,
    );
  }
}

/** Why a request's statements are not taken any more. */
export type RequestEnding = "done" | "gone" | "committed" | "rolled back";

const ENDINGS: Record<RequestEnding, string> = {
  done: "whose response has ended",
  gone: "whose client has gone away",
  committed: "whose transaction was committed before its response was sent",
  "rolled back": "whose transaction was rolled back",
};

/** A statement of a web request that is over; see `apocryphan/express` and its sisters. */
export class RequestEndedError extends ApocryphanError {
  constructor(ending: RequestEnding) {
    super(
      "REQUEST_ENDED",
      `A statement was issued by a request ${ENDINGS[ending]}, so it has no connection any more; nothing was sent. Await every statement before the response ends, or start work that outlives its request in db.context(fn) or db.withConnection(fn).`,
    );
  }
}

/** A handle was used after its connection was given back. */
export class ConnectionClosedError extends ApocryphanError {
  constructor() {
    super(
      "CONNECTION_CLOSED",
      "This connection was given back already, so nothing was sent. Use it before its scope ends or close() is called; is an await missing?",
    );
  }
}

/** A cursor of the same connection is being read, and this database can't run anything else beside it. */
export class ConnectionBusyError extends ApocryphanError {
  constructor() {
    super(
      "CONNECTION_BUSY",
      "A cursor is being read on this connection, and nothing else can run on it until its loop ends; nothing was sent. Collect what the loop needs first, or take a second connection with db.withConnection(fn, { fresh: true }).",
    );
  }
}

/** `get` found no row. */
export class NoRowError extends ApocryphanError {
  /** The statement, without its values. */
  readonly statement: string;

  constructor(statement: string) {
    super(
      "NO_ROW",
      `A statement was to give at least one row and gave none. Where that may happen, use getOrNone(), which gives null. The statement: ${shortened(statement)}`,
    );
    this.statement = statement;
  }
}

/** A statement was issued from inside an `atomic` block that had ended already. */
export class TransactionEndedError extends ApocryphanError {
  constructor() {
    super(
      "TRANSACTION_ENDED",
      "A statement was issued from an atomic block that has ended, so it can't be part of it any more; nothing was sent. Await every statement inside the block (forEach with an async function does not), or start work that outlives the block in db.context(fn).",
    );
  }
}

/**
 * A transaction could not be committed, because a statement in it failed and the failure was caught, or because the
 * database rolled it back. Nothing of it was kept. `cause` is the statement's error, where it is known.
 */
export class TransactionAbortedError extends ApocryphanError {
  /** Whether running the whole transaction again may succeed. */
  readonly retryable: boolean;

  constructor(options: { cause?: unknown }) {
    super(
      "TRANSACTION_ABORTED",
      "The transaction was rolled back and nothing of it was kept: a statement in it had failed, and the database takes no more after that. Let the error leave the atomic block, or put the statement that may fail into an atomic block of its own, which is a savepoint.",
      options,
    );
    this.retryable = isRetryable(options.cause);
  }
}

/** Whether an error says that its whole transaction may succeed when it is run again. */
export function isRetryable(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { retryable?: unknown }).retryable === true;
}
