/**
 * What the two client libraries for SQLite have in common: both work in the thread they are called in and answer at
 * once. `LocalDesk` takes orders for one.
 */
export interface SqliteEngine {
  /** The client library's own object. */
  readonly raw: unknown;
  readonly inTransaction: boolean;
  readonly isOpen: boolean;
  /**
   * Compiles the first statement of `text`; `rest` is what stands behind it.
   *
   * @param again whether it may be run a second time where its numbers turn out too large to be read as `number`
   */
  prepare(text: string, again?: boolean): SqliteStatement;
  /** Runs the statements in `text`, and drops the rows they give. */
  exec(text: string): void;
  close(): void;
  /** What the client says of a failure: SQLite's extended result code, if it was SQLite that failed. */
  codeOf(error: unknown): number | undefined;
  /** Told before the first of several iterations begins and after the last one has ended. */
  iterating?(on: boolean): void;
}

/**
 * A compiled statement. Values are bound as SQLite's own types, whole numbers as `bigint`; those that come back are numbers
 * where these are exact.
 */
export interface SqliteStatement {
  readonly rest: string;
  /** The columns' names as of the last run; empty for a statement that gives no rows. */
  columns(): readonly string[];
  all(values: readonly SqliteValue[]): SqliteValue[][];
  run(values: readonly SqliteValue[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(values: readonly SqliteValue[]): IterableIterator<SqliteValue[]>;
}

export type SqliteValue = null | number | bigint | string | Uint8Array;

/** Opens a file with one of the client libraries. */
export type OpenEngine = (file: string, options: Record<string, unknown>) => SqliteEngine;
