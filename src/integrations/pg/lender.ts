import type { PgClient } from "./client.ts";

/** A client in somebody's hands. */
export interface Lent {
  readonly client: PgClient;
  /** Nobody has had it through this pool yet. */
  readonly isNew: boolean;
  /** It is older than it may be, and ends when it comes back. */
  readonly expired: boolean;
  /** It has been lent as often as it may be. */
  readonly worn: boolean;
  /**
   * Says whether it is for one `pool.query` or for a holder. What a `pool.query` begins goes on in the next one, since
   * programs that send `begin`, their statements and `commit` so work with pg-pool; a holder never gets it.
   */
  isFor(use: "query" | "holder"): void;
  /** It is in his hands from here on, and so are its listeners of `error`. */
  hand(): void;
  /** Its holder is done with it, though it may not be quiet yet: if it dies from here on, it dies idle. */
  leave(): void;
  /** Gives it back; it must be quiet. */
  giveBack(): void;
  /** Really ends it. Settles when its place is free. */
  destroy(): Promise<void>;
}

/** What `pg.Pool` shows of itself, in its own manner of counting. */
export interface Counts {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Where the clients come from. */
export interface Lender {
  /**
   * Answers by one of the two as soon as it is this caller's turn, in the caller's async context: before it returns where
   * a client lies ready. By calls, since a promise more is what the pool costs each query.
   */
  lend(lent: (lent: Lent) => void, refused: (error: unknown) => void): void;
  readonly counts: Counts;
  /** All clients there are. */
  readonly clients: readonly PgClient[];
  /** Whether a client on which a statement failed so may be used again. */
  survives(client: PgClient, error: unknown): boolean;
  /** The error as a program written for `pg` knows it. */
  translate(error: unknown): unknown;
  /** Nobody will ask any more, though some may still wait or hold: ends what is idle. */
  wane(): void;
  /** Ends everything; nobody waits or holds. Settles when it is gone. */
  close(): Promise<void>;
}

/** What a lender tells. */
export interface LenderEvents {
  /** A client is gone. */
  removed(client: PgClient): void;
  /** A client that nobody held has died. */
  idleError(error: Error, client: PgClient): void;
  log(...messages: unknown[]): void;
}
