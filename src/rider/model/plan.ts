import type { DialectName } from "./dialect.ts";
import type { Direction, Migration, Place } from "./migration.ts";
import type { Problem } from "./problem.ts";
import type { Statement } from "./statement.ts";

/** What a run will do, decided before it does anything. `--dry-run`, `--json` and the run itself show the same value. */
export interface Plan {
  readonly direction: Direction;
  readonly dialect: DialectName;
  /** In their order. Each begins and ends on its own. */
  readonly units: readonly Unit[];
  /** What does not stop the run but should be said: edited and missing files. */
  readonly warnings: readonly Problem[];
}

/**
 * What stands or falls together.
 *
 * `"run"`: all its migrations in one transaction, which is also the whole run's, or as much of it as can be in one.
 * `"migration"`: one migration in a transaction of its own.
 * `"none"`: one migration outside a transaction; each statement is recorded as it is done.
 */
export interface Unit {
  readonly boundary: "run" | "migration" | "none";
  readonly migrations: readonly PlannedMigration[];
}

/** One migration of a plan, in one direction. */
export interface PlannedMigration {
  readonly id: string;
  readonly direction: Direction;
  /** Its file as it was read; `undefined` where only the record is undone, because the file is gone. */
  readonly migration: Migration | undefined;
  /** In the order in which they run: a rollback's are reversed. Steps without work in this direction are left out. */
  readonly steps: readonly PlannedStep[];
  /** Only the record is changed: a forced rollback of what can't be undone. */
  readonly recordOnly: boolean;
  /** Where a half-applied migration goes on; `undefined` where it begins at the beginning. */
  readonly resume?: Resume | undefined;
}

/** One step in one direction. */
export interface PlannedStep {
  /** Its position in the file, from 0. */
  readonly index: number;
  /** SQL, split; or a function. */
  readonly work:
    | { readonly kind: "sql"; readonly statements: readonly PlannedStatement[] }
    | { readonly kind: "function"; readonly run: (db: unknown) => unknown };
  /** Whether a failure of the database is passed over. */
  readonly ignoreErrors: boolean;
}

/** A statement with the place in its file, where that is known, and its fingerprint for the journal. */
export interface PlannedStatement extends Statement {
  readonly place?: Place | undefined;
  readonly fingerprint: string;
}

/** How far a half-applied migration got. */
export interface Resume {
  /** How many units of work (statements and functions, in the plan's order) are done and recorded. */
  readonly done: number;
  /** How many there are. */
  readonly of: number;
  /** Whether the next one was begun: it may or may not have happened, which only the catalog can say. */
  readonly uncertain: boolean;
  /** Where it was begun: whether its text was changed since. If it did happen, what stands there now must not be run. */
  readonly changed: boolean;
}
