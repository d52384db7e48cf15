import { OptionError } from "../../base/error.ts";
import { type RequestTerms, type RequestTransaction, requests } from "../../base/request.ts";
import { unknownOption } from "../../base/unknown.ts";

/** The transaction around a request. */
export interface TransactionTerms extends RequestTransaction {
  /** Responses with this status and above roll back, as an error does. A number from 400 to 600; 600 means none. @default 500 */
  readonly rollbackFrom?: number | undefined;
}

/** How requests hold a connection. */
export interface ConnectionOptions {
  /**
   * One transaction a request: begun with its first statement, committed before its response is sent, rolled back when the
   * request fails, answers with 500 or more, or loses its client. @default false
   */
  readonly transaction?: boolean | TransactionTerms | undefined;
  /**
   * Whether a statement that is running when the client goes away is cancelled on the server. Where not, it runs to its end and the
   * connection comes back then; either way no further statement of that request is sent. @default true
   */
  readonly cancelOnDisconnect?: boolean | undefined;
}

/** The options, understood. */
export interface Terms extends RequestTerms {
  /** The lowest status that rolls back. */
  readonly rollbackFrom: number;
}

const OPTIONS = ["transaction", "cancelOnDisconnect"];
const OF_TRANSACTION = ["isolation", "readOnly", "rollbackFrom"];
const LEVELS = ["read uncommitted", "read committed", "repeatable read", "serializable"];

/** Reads what `connection` was given. @throws OptionError */
export function readTerms(db: unknown, options: ConnectionOptions): Terms {
  // Not `instanceof`: a program that loads the package as ES module and as CommonJS has the class twice.
  if (typeof db !== "object" || db === null || !(requests in db)) {
    throw new OptionError(
      "db",
      `connection(db) takes a database object, such as new PooledPostgreSQLDatabase({ … }); it was given ${shown(db)}.`,
    );
  }
  named("connection", options, OPTIONS);
  const { transaction = false, cancelOnDisconnect = true } = options;
  if (typeof cancelOnDisconnect !== "boolean") {
    throw new OptionError("cancelOnDisconnect", 'The option "cancelOnDisconnect" takes true or false.');
  }
  if (transaction === false) return { cancel: cancelOnDisconnect, rollbackFrom: 600 };
  const { rollbackFrom = 500, ...begin } = transaction === true ? {} : checked(transaction);
  return { cancel: cancelOnDisconnect, transaction: begin, rollbackFrom };
}

function checked(transaction: unknown): TransactionTerms {
  if (typeof transaction !== "object" || transaction === null) {
    throw new OptionError(
      "transaction",
      'The option "transaction" takes true, false, or an object such as { isolation: "serializable" }.',
    );
  }
  named('The option "transaction"', transaction, OF_TRANSACTION);
  const { isolation, readOnly, rollbackFrom } = transaction as TransactionTerms;
  if (isolation !== undefined && !LEVELS.includes(isolation)) {
    throw new OptionError(
      "isolation",
      `The option "isolation" takes ${LEVELS.map((level) => `"${level}"`).join(", ")}.`,
    );
  }
  if (readOnly !== undefined && typeof readOnly !== "boolean") {
    throw new OptionError("readOnly", 'The option "readOnly" takes true or false.');
  }
  const whole = rollbackFrom === undefined || Number.isInteger(rollbackFrom);
  if (!whole || (rollbackFrom !== undefined && (rollbackFrom < 400 || rollbackFrom > 600))) {
    throw new OptionError(
      "rollbackFrom",
      'The option "rollbackFrom" takes a status from 400 to 600; 600 means none.',
    );
  }
  return transaction;
}

function named(owner: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(owner, name, known);
  }
}

function shown(value: unknown): string {
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
}
