import {
  type Answer,
  type Asked,
  asks,
  type BlockTerms,
  type Level,
  lends,
  levels,
  streams,
} from "../../base/ask.ts";
import type { Database, Handle } from "../../index.ts";

type Rows = Record<string, unknown>[];

/** Where a session's statements go. */
export interface Sender {
  send(asked: Asked): Promise<Answer>;
  stream(asked: Asked): AsyncIterableIterator<Rows>;
  /** Runs `fn` in a transaction, or in a savepoint where there is one; it is given the sender for what belongs there. */
  block<T>(fn: (inside: Sender) => Promise<T>, terms: BlockTerms): Promise<T>;
}

/** Sends on the connection of the async context it is called in; where that has none, on one that is taken for the call. */
export class AmbientSender implements Sender {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  send(asked: Asked): Promise<Answer> {
    return this.#db[lends]((connection) => connection[asks](asked));
  }

  async *stream(asked: Asked): AsyncIterableIterator<Rows> {
    const got = Promise.withResolvers<Handle>();
    const over = Promise.withResolvers<void>();
    const lent = this.#db[lends]((connection) => {
      got.resolve(connection);
      return over.promise;
    });
    lent.catch(got.reject);
    const connection = await got.promise;
    try {
      yield* connection[streams](asked);
    } finally {
      over.resolve();
      await lent;
    }
  }

  block<T>(fn: (inside: Sender) => Promise<T>, terms: BlockTerms): Promise<T> {
    return this.#db[lends]((connection) => blockOn(connection, fn, terms));
  }
}

/** Sends in one block, from whatever async context it is called. */
class BlockSender implements Sender {
  readonly #connection: Handle;
  readonly #level: Level;

  constructor(connection: Handle) {
    this.#connection = connection;
    this.#level = connection[levels];
  }

  send(asked: Asked): Promise<Answer> {
    return this.#connection[asks]({ ...asked, level: this.#level });
  }

  stream(asked: Asked): AsyncIterableIterator<Rows> {
    return this.#connection[streams]({ ...asked, level: this.#level });
  }

  block<T>(fn: (inside: Sender) => Promise<T>, terms: BlockTerms): Promise<T> {
    return blockOn(this.#connection, fn, terms);
  }
}

function blockOn<T>(connection: Handle, fn: (inside: Sender) => Promise<T>, terms: BlockTerms): Promise<T> {
  return connection.atomic(() => fn(new BlockSender(connection)), terms);
}
