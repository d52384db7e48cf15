import type { Session } from "./session.ts";

/**
 * What keeps two runs apart, while one of them is at work. Made by `guard-postgresql.ts`, `guard-mysql.ts` and
 * `guard-sqlite.ts`; holding one means that no other run, on this machine or another, changes this database.
 */
export interface Guard {
  /** The connection that migrations run on, outside the pool. */
  readonly work: Session;
  /** Called first inside each transaction that changes something: ties the lock to that transaction too. */
  enter(): Promise<void>;
  /**
   * Makes sure that the lock is still held. Called before what can't be undone: a commit, a statement outside a transaction.
   *
   * @throws LockError where it was lost
   */
  check(): Promise<void>;
  /** Lets go of the lock and closes every connection of the run. Never rejects. */
  release(): Promise<void>;
}
