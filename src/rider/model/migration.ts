/**
 * What a migration is, once its file was read. Words used everywhere in Rider:
 * a *migration* has *steps*; a SQL step has *statements*; an *id* is the file's name without its ending;
 * a *head* is a migration that no other depends on; *applied* means recorded in the database as done;
 * *pending* means not applied; *edited* means applied, and its file changed since; *missing* means applied, and its
 * file is gone; *half-applied* means that some of its statements are done and recorded, and some are not.
 */

/** What can be known of a migration without running its code: enough to order it and to compare it with the history. */
export interface Outline {
  /** The file name without its ending; the key in the database. */
  readonly id: string;
  /** The number the id begins with. Compared as a number. */
  readonly number: bigint;
  /** The path of its (forward) file. */
  readonly file: string;
  /** `"sql"` for `.sql` files, `"module"` for TypeScript and JavaScript. */
  readonly form: "sql" | "module";
  /** The first plain comment; empty where there is none. */
  readonly description: string;
  readonly depends: readonly string[];
  /** Over the normalised text of its file or files; tells whether it was edited since it was applied. */
  readonly checksum: string;
}

/** A migration that was read whole and can be run. */
export interface Migration extends Outline {
  /** Whether each direction may run inside a transaction. */
  readonly transactional: { readonly migrate: boolean; readonly rollback: boolean };
  readonly steps: readonly Step[];
}

/** Whether the migration's steps are there, not only its outline. */
export function isRead(migration: Outline | Migration): migration is Migration {
  return "steps" in migration;
}

/** A step's work in one direction: SQL text, or a function that is given the database. */
export type Work<DB = unknown> = string | ((db: DB) => unknown);

/** In which directions a failure of the database is passed over. */
export type IgnoreErrors = "migrate" | "rollback" | "all";

/** One step of a migration. */
export interface Step<DB = unknown> {
  readonly migrate: Work<DB>;
  readonly rollback?: Work<DB> | undefined;
  readonly ignoreErrors?: IgnoreErrors | undefined;
  /** Where the step's SQL stands, so that an error can name a line of a file. */
  readonly place?:
    | { readonly migrate?: Place | undefined; readonly rollback?: Place | undefined }
    | undefined;
}

/** A place in a file: the first character of a step's SQL. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Which way a migration is run. */
export type Direction = "migrate" | "rollback";
