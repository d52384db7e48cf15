import { LastUsed, type Used } from "../base/last-used.ts";
import type { MariadbClient, MariadbPrepared } from "./mariadb-client.ts";

/** How many statements the client keeps, where its option says nothing. */
export const PREPARED = 256;

interface Held extends Used {
  /** Once the client has given it, which it is asked for at the second use. */
  prepared: MariadbPrepared | undefined;
  asked: boolean;
}

/**
 * The statements of one connection that are used again and again, as the client has prepared them. It keeps them itself and finds
 * them by text, but puts that text together anew with the database's name, hashes all of it, and wraps what it finds: with one
 * caller that is a tenth of what a statement costs the program. Whoever holds a statement is spared that.
 */
export class HeldStatements {
  readonly #client: MariadbClient;
  readonly #most: number;
  readonly #kept: LastUsed<Held>;

  /** @param most how many are held: as many as the client keeps */
  constructor(client: MariadbClient, most: number) {
    this.#client = client;
    this.#most = most;
    this.#kept = new LastUsed(most);
  }

  /** The statement, where it is held and still means the same. One that is run for the second time is held from then on. */
  find(text: string): MariadbPrepared | undefined {
    if (this.#most === 0) return undefined;
    const held = this.#kept.find(text);
    if (held === undefined) {
      // Most programs have texts that they run once; those are not worth a thing.
      close(this.#kept.add(text, { prepared: undefined, asked: false, usedAt: 0 }));
      return undefined;
    }
    const { prepared } = held;
    if (prepared === undefined) {
      if (!held.asked) this.#hold(text, held);
      return undefined;
    }
    // A name without its database's means that of the connection, as it was when the statement was prepared.
    return prepared.database === this.#client.info?.database ? prepared : undefined;
  }

  /** Lets go of one that the server does not know any more. */
  drop(text: string): void {
    const held = this.#kept.find(text);
    if (held !== undefined && this.#kept.drop(text, held)) close(held);
  }

  /** Lets go of all. */
  clear(): void {
    for (const held of this.#kept.clear()) close(held);
  }

  /** Nearly always the client has it at hand, and nothing is sent. */
  #hold(text: string, held: Held): void {
    held.asked = true;
    this.#client.prepare(text).then(
      (prepared) => {
        if (this.#kept.find(text) === held) held.prepared = prepared;
        else void prepared.close();
      },
      // Whoever runs the statement hears of what is wrong with it.
      () => {},
    );
  }
}

function close(held: Held | undefined): void {
  void held?.prepared?.close();
}
