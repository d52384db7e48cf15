import type { Direction } from "./migration.ts";

/**
 * What the database says about the past. Rows that the Python Rider wrote have no checksum and no dependencies:
 * those are `null` then, and nothing is held against such a row.
 */
export interface History {
  readonly applied: readonly AppliedRow[];
  /** Statements of migrations that were begun outside a transaction and not finished. Empty where all is well. */
  readonly journal: readonly JournalEntry[];
}

/** One row of the table of applied migrations. */
export interface AppliedRow {
  readonly id: string;
  readonly appliedAt: Date | null;
  /** Its checksum when it was applied; `null` where nobody recorded one. */
  readonly checksum: string | null;
  /** What it depended on when it was applied; `null` where nobody recorded it. */
  readonly depends: readonly string[] | null;
}

/**
 * One unit of work of a half-applied migration: a statement, or a whole function step. `"intended"` was written before it was sent, so it
 * may or may not have happened; the others were written after.
 */
export interface JournalEntry {
  readonly migration: string;
  readonly direction: Direction;
  /** The step's position in the file, from 0. */
  readonly step: number;
  /** The statement's position in the step, from 0; `0` for a function. */
  readonly statement: number;
  /** `fingerprint()` of the statement as it was sent; `""` for a function. */
  readonly fingerprint: string;
  readonly state: "intended" | "done" | "ignored";
}

/** A database in which nothing was ever applied. */
export const EMPTY_HISTORY: History = { applied: [], journal: [] };
