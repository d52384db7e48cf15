import type { Read } from "../base/readings.ts";
import type { SqliteValue } from "./sqlite-engine.ts";
import type { Rows } from "./sqlite-statements.ts";
import type { Sendable } from "./sqlite-values.ts";

/**
 * What is asked of an open file. Orders are carried out in their sequence, also when one has to wait for somebody
 * else's lock, for `patience` milliseconds at most. `"end"` closes a cursor; one that is not open is fine.
 */
export type Order =
  | {
      readonly op: "run";
      readonly text: string;
      readonly values: readonly Sendable[];
      readonly patience: number;
      /** Whether it only looks, so that no transaction begins or ends with it. */
      readonly reads: boolean;
    }
  | {
      readonly op: "cursor";
      readonly text: string;
      readonly values: readonly Sendable[];
      readonly patience: number;
      readonly cursor: number;
      readonly batch: number;
    }
  | { readonly op: "more"; readonly cursor: number; readonly batch: number }
  | { readonly op: "end"; readonly cursor: number };

/** What came of an order. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly SqliteValue[][];
  readonly changes: number;
  readonly lastInsertRowid: number | bigint | null;
  /** For a cursor: there is no further row, and it is closed. */
  readonly done: boolean;
  /** Whether a transaction was open afterwards. */
  readonly inTransaction: boolean;
  readonly failure: OrderFailure | undefined;
  /** Milliseconds that it took, a wait for somebody else's lock included; only from another thread. */
  readonly took?: number | undefined;
}

/** Who gave an order. */
export interface Asker {
  /** Called once, perhaps before `give` returns; where the desk is lost, not at all. */
  answered(answer: Answer): void;
}

/** Why an order could not be carried out. */
export interface OrderFailure {
  /** What the client library threw, or our own refusal. */
  readonly error: unknown;
  /** SQLite's extended result code, if it was SQLite that failed. */
  readonly errno: number | undefined;
}

/** How far statements came that were run in one go, and why the next one could not be carried out. */
export interface RanHere {
  readonly done: number;
  readonly failure: OrderFailure | undefined;
}

/**
 * An open file that takes orders: in this thread, or at the other end of a wire to a worker thread, where nothing can be read as of one
 * moment by `runNow`.
 */
export interface Desk extends Read {
  readonly raw: unknown;
  /** The file's whole path; empty for a database in memory or a temporary one. */
  readonly path: string;
  /** As of the last answer, or as it is where that can be known. */
  readonly inTransaction: boolean;
  readonly isOpen: boolean;
  /** What carries out the orders of other desks too, one order at a time. */
  readonly shares?: unknown;
  give(order: Order, asker: Asker): void;
  /**
   * Runs one statement at once; `undefined`, and nothing done, where something is before it or it would have to wait for a
   * lock. Absent where the file is another thread's.
   *
   * @param reads see `Order`
   */
  runNow?(text: string, values: readonly SqliteValue[], reads: boolean): Rows | OrderFailure | undefined;
  /** Runs statements at once, up to the first that fails; see `Connection.runAll`. Absent where the file is another thread's. */
  runAll?(texts: readonly string[]): RanHere | undefined;
  /** Ends the waiting for somebody else's lock; what SQLite is working on goes on. */
  cancel(): void;
  /** Rolls back, closes, and settles when the file is closed. Never rejects. */
  close(): Promise<void>;
  /** Calls `lost` at most once, when it is gone without having been closed. */
  onLost(lost: (cause: Error) => void): void;
}
