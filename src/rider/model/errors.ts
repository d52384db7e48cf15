import { ApocryphanError } from "../../base/error.ts";
import type { Direction, Place } from "./migration.ts";
import type { Problem } from "./problem.ts";

/** What a Rider error may carry beside its message. */
export interface RiderErrorOptions {
  readonly cause?: unknown;
  /** What was found wrong before anything ran, as data. */
  readonly problems?: readonly Problem[];
}

/**
 * The root of what Rider throws. `code` is `"RIDER"` where no narrower class fits.
 *
 * `problems` holds what was found wrong before anything ran; empty where something else happened.
 */
export class RiderError extends ApocryphanError {
  readonly problems: readonly Problem[];

  constructor(message: string, options?: RiderErrorOptions, code = "RIDER") {
    super(code, message, options && "cause" in options ? { cause: options.cause } : undefined);
    this.problems = options?.problems ?? [];
  }
}

/** Where a run stopped. */
export interface FailurePlace {
  readonly migration: string;
  readonly file: string;
  readonly direction: Direction;
  /** The step's position in the file, from 0. */
  readonly step?: number | undefined;
  /** The statement's position in its step, from 0. */
  readonly statement?: number | undefined;
  /** Where the statement begins in the file, or a function called what failed, where that is known. */
  readonly place?: Place | undefined;
  /** The statement as it was sent. */
  readonly sql?: string | undefined;
}

/** What a failed run left behind. */
export type DatabaseState =
  /** Everything this run did was undone, in all migrations. */
  | { readonly kind: "unchanged" }
  /** The failed migration was undone; the ones named were finished in this run and stay. */
  | { readonly kind: "migration-undone"; readonly finished: readonly string[] }
  /** `done` of `of` statements of the failed migration are done and recorded; the ones named stay. */
  | {
      readonly kind: "half";
      readonly done: number;
      readonly of: number;
      readonly finished: readonly string[];
    }
  /** The connection went away before the answer came, so what the statement in hand did is not known here. */
  | { readonly kind: "unknown"; readonly finished: readonly string[] };

/** What `MigrateError` and `RollbackError` carry. */
export interface FailureOptions extends RiderErrorOptions {
  readonly at?: FailurePlace | undefined;
  readonly state?: DatabaseState | undefined;
}

/** A migration failed while it was applied. `at` says where, `state` what the database looks like, `cause` is the database's error. */
export class MigrateError extends RiderError {
  readonly at: FailurePlace | undefined;
  readonly state: DatabaseState | undefined;

  constructor(message: string, options?: FailureOptions) {
    super(message, options, "MIGRATE_FAILED");
    this.at = options?.at;
    this.state = options?.state;
  }
}

/** A migration failed while it was undone, or can't be undone. `at` says where, `state` what the database looks like. */
export class RollbackError extends RiderError {
  readonly at: FailurePlace | undefined;
  readonly state: DatabaseState | undefined;

  constructor(message: string, options?: FailureOptions) {
    super(message, options, "ROLLBACK_FAILED");
    this.at = options?.at;
    this.state = options?.state;
  }
}

/** The migrations' dependencies don't make an order: a cycle, a missing one, a duplicate id. Nothing was run. */
export class DependencyError extends RiderError {
  constructor(message: string, options?: RiderErrorOptions) {
    super(message, options, "DEPENDENCY");
  }
}

/** Another run holds the lock and did not end in time, or this run lost it. `holder` says who, where that is known. */
export class LockError extends RiderError {
  readonly holder: string | undefined;

  constructor(message: string, options?: RiderErrorOptions & { readonly holder?: string | undefined }) {
    super(message, options, "LOCK");
    this.holder = options?.holder;
  }
}

/** A finished statement of a half-applied migration was changed, so the rest would be run on something else. Nothing was run. */
export class DriftError extends RiderError {
  constructor(message: string, options?: RiderErrorOptions) {
    super(message, options, "DRIFT");
  }
}

/**
 * A migration's file, or a step in it, that can't be understood. `reason` is a whole sentence or more and says the line,
 * where that is known; it counts from 1, in the text that was read.
 */
export class UnreadableError extends RiderError {
  readonly reason: string;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(reason: string, options?: { cause?: unknown; line?: number; column?: number }) {
    const where = options?.line === undefined ? "" : ` (line ${options.line}, column ${options.column ?? 1})`;
    super(`${reason}${where}`, options && "cause" in options ? { cause: options.cause } : undefined);
    this.reason = `${reason}${where}`;
    this.line = options?.line;
    this.column = options?.column;
  }
}
