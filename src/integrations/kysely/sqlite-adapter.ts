import { SqliteAdapter } from "kysely";
import type { Database } from "../../index.ts";

/** Whose turn it is to migrate, for each database object. */
const turns = new WeakMap<Database, Promise<void>>();

/**
 * Kysely's own has everybody wait for one connection, and so needs no lock for migrations. Here there may be several, and a
 * statement inside a transaction's callback finds that transaction's, so nobody has to wait; migrations take turns within this
 * process. Other processes are not kept out, as by Kysely's own.
 */
export class AmbientSqliteAdapter extends SqliteAdapter {
  readonly #db: Database;
  #leave: () => void = () => {};

  constructor(db: Database) {
    super();
    this.#db = db;
  }

  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override async acquireMigrationLock(): Promise<void> {
    const before = turns.get(this.#db);
    const turn = Promise.withResolvers<void>();
    turns.set(this.#db, before === undefined ? turn.promise : before.then(() => turn.promise));
    await before;
    this.#leave = turn.resolve;
  }

  override async releaseMigrationLock(): Promise<void> {
    this.#leave();
  }
}
