/** What one statement is, as far as its words tell. */
export interface Facts {
  /** It changes the catalog: tables, indexes, functions, rights… */
  readonly ddl: boolean;
  /**
   * It commits by itself, before or after it runs: on MySQL nearly all DDL does, and what is not known to be harmless is taken to.
   * Always `false` on PostgreSQL and SQLite.
   */
  readonly commits: boolean;
  /** It begins or ends a transaction, which is Rider's to do. Savepoints don't count. */
  readonly transactionControl: boolean;
  /** Why it can't run inside a transaction, and what to do: whole sentences. `undefined` where it can. */
  readonly outsideTransaction: string | undefined;
  /** Why Rider can't run it at all, and what to do: whole sentences. */
  readonly never: string | undefined;
  /** What is worth knowing when it, or a later one in the same transaction, fails: whole sentences. */
  readonly hint: string | undefined;
}

/** What a dialect's file says of a statement's words; what it leaves out is `false` or `undefined`. */
export type PartialFacts = Partial<Facts>;

/** The advice that is the same for all: how a statement gets out of the transaction. */
export const STAND_ALONE =
  "Put it into a migration of its own that says it needs no transaction: `-- transactional: false` at the top of an SQL file, `export const transactional = false` in a module.";
