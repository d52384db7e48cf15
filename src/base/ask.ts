/**
 * What the integrations of query builders ask of a database object and of its connections. They are written against the doors
 * and can't reach inside; these are the words that both sides know. The symbols are from the registry of all symbols, so that
 * a program which loads the package twice, as ES module and as CommonJS, still has one door.
 */

/** Of a database object: runs a function with the connection that belongs here; see `Lends`. @internal */
export const lends: unique symbol = Symbol.for("apocryphan.lends");
/** Of a connection: runs a statement and gives all that is known of its result. @internal */
export const asks: unique symbol = Symbol.for("apocryphan.asks");
/** Of a connection: reads a statement's rows in batches. @internal */
export const streams: unique symbol = Symbol.for("apocryphan.streams");
/** Of a connection: opens a block that is ended from elsewhere. @internal */
export const begins: unique symbol = Symbol.for("apocryphan.begins");
/** Of a connection: the level in which a statement from here would run. @internal */
export const levels: unique symbol = Symbol.for("apocryphan.levels");
/** Of a connection: how its transaction stands. @internal */
export const stands: unique symbol = Symbol.for("apocryphan.stands");
/** An option of `atomic`: the statements that begin the outermost block, in place of the dialect's own. @internal */
export const beginning: unique symbol = Symbol.for("apocryphan.beginning");

/** A statement, and how its rows are to come. */
export interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Each row as an array with a value for each column. @default objects */
  readonly rows?: "arrays" | undefined;
  /** Dates and times as the server writes them. @default the client's own form */
  readonly times?: "text" | undefined;
  /** How many rows a stream reads at a time. */
  readonly batch?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where it belongs, wherever it comes from; where it comes from a block inside that, it belongs to the inner one. */
  readonly level?: Level | undefined;
}

/** All that is known of a result. */
export interface Answer {
  /** Arrays, where these were asked for; then the keys are the numbers of the columns. */
  readonly rows: Record<string, unknown>[];
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly changedRows?: number | undefined;
  readonly lastInsertId: number | bigint | null;
}

/** How a block is begun; see `AtomicOptions`. */
export interface BlockTerms {
  readonly isolation?: "read uncommitted" | "read committed" | "repeatable read" | "serializable" | undefined;
  readonly readOnly?: boolean | undefined;
  readonly [beginning]?: readonly string[] | undefined;
}

/** One level of a connection's transactions: the connection itself, a block on it, a savepoint in that. */
export interface Level {
  /** Whether it is over, and takes no statement any more. */
  readonly finished: boolean;
}

/** An `atomic` block without a function: a transaction, or a savepoint where there is one already. */
export interface Block {
  /** Settles when it has begun. @throws what `atomic` throws before its function is called */
  readonly begun: Promise<void>;
  /** Present once it has begun. */
  readonly level: Level | undefined;
  /** Runs `fn` inside it: all that `fn` calls is part of it. Only once it has begun. */
  run<T>(fn: () => T): T;
  /** Waits for what is under way in it, and commits. @throws TransactionAbortedError and what the database says */
  commit(): Promise<void>;
  /** Undoes it. Never rejects. */
  rollBack(): Promise<void>;
}

/** A connection, as the integrations see it. */
export interface Asks {
  readonly [stands]: "idle" | "transaction" | "failed" | "lost";
  readonly [levels]: Level;
  [asks](asked: Asked): Promise<Answer>;
  [streams](asked: Asked): AsyncIterableIterator<Record<string, unknown>[]>;
  /** Opens a block here. */
  [begins](terms: BlockTerms): Block;
}

/** A database object, as the integrations see it. */
export interface Lends {
  /**
   * Runs `fn` with this context's connection; where it has none, with one that is taken for this, whatever `autoconnect`
   * says.
   *
   * @throws what `withConnection` throws; TransactionEndedError or ConnectionClosedError where this comes from an `atomic` block that has ended
   */
  [lends]<T>(fn: (connection: Asks) => Promise<T>, signal?: AbortSignal): Promise<T>;
}
