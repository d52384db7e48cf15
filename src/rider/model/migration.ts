/**
 * What a migration is, once its file was read. Words used everywhere in Rider:
 * a *migration* has *steps*; a SQL step has *statements*; an *id* is the file's name without its ending;
 * a *head* is a migration that no other depends on; *applied* means recorded in the database as done.
 */
export interface Migration {
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
  /** Whether each direction may run inside a transaction. */
  readonly transactional: { readonly migrate: boolean; readonly rollback: boolean };
  readonly steps: readonly Step[];
  /** Over the normalised text of its file or files; tells whether it was edited since it was applied. */
  readonly checksum: string;
}

/** A step's work in one direction: SQL text, or a function that is given the database. */
export type Work<DB = unknown> = string | ((db: DB) => unknown);

/** One step of a migration. */
export interface Step<DB = unknown> {
  readonly migrate: Work<DB>;
  readonly rollback?: Work<DB> | undefined;
  /** In which directions a failure of the database is passed over. */
  readonly ignoreErrors?: "migrate" | "rollback" | "all" | undefined;
}

/** Which way a migration is run. */
export type Direction = "migrate" | "rollback";
