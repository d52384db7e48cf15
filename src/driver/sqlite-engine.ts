/**
 * What the two client libraries for SQLite have in common: both work in this thread and answer at once.
 * `SqliteConnection` makes a `Connection` of one.
 */
export interface SqliteEngine {
  /** The client library's own object. */
  readonly raw: unknown;
  readonly inTransaction: boolean;
  readonly isOpen: boolean;
  /** Compiles the first statement of `text`; `rest` is what stands behind it. */
  prepare(text: string): SqliteStatement;
  close(): void;
  /** What the client says of a failure: SQLite's extended result code, if it was SQLite that failed. */
  codeOf(error: unknown): number | undefined;
}

/** A compiled statement. Values are bound as SQLite's own types; whole numbers come and go as `bigint`. */
export interface SqliteStatement {
  readonly rest: string;
  /** Empty for a statement that gives no rows. */
  readonly columns: readonly string[];
  all(values: readonly SqliteValue[]): SqliteValue[][];
  run(values: readonly SqliteValue[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(values: readonly SqliteValue[]): IterableIterator<SqliteValue[]>;
}

export type SqliteValue = null | number | bigint | string | Uint8Array;
