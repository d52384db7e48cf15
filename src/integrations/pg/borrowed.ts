import { OptionError } from "../../base/error.ts";
import type { Lending } from "../../database/lending.ts";
import type { Connection } from "../../driver/driver.ts";
import { overhear } from "../../driver/overhear.ts";
import type { Loan } from "../../pool/loan.ts";
import { isBusy, isSound, type PgClient } from "./client.ts";
import { countsOf } from "./counts.ts";
import { inPgWords } from "./failures.ts";
import type { Counts, Lender, LenderEvents, Lent } from "./lender.ts";
import { type FacadeOptions, fillIn } from "./options.ts";

/** What is known of a client that has been lent. */
interface Met {
  /** Somebody holds it, or has given it back to be ended. */
  lent: boolean;
  /** It has reported an error, after which it is of no use. */
  broken: boolean;
  readonly onError: (error: Error & { client?: PgClient }) => void;
}

/**
 * Lends the connections of a database object's pool. They stay that pool's: its limits hold for all its users together,
 * and it goes on when this lender has ended.
 */
export class BorrowedLender implements Lender {
  /** What the pool underneath was made with, in pg-pool's words. */
  readonly options: FacadeOptions;
  readonly #lending: Lending;
  readonly #events: LenderEvents;
  readonly #seen = new Map<PgClient, Met>();
  readonly #timeout: number;

  constructor(lending: Lending, events: LenderEvents) {
    if (lending.dialect.name !== "postgresql") {
      throw new OptionError(
        "database",
        `Pool.from() takes a PooledPostgreSQLDatabase, and this is a pool of ${lending.dialect.title}.`,
      );
    }
    this.#lending = lending;
    this.#events = events;
    // pg-pool's callers wait for a holder, however long, unless they are told otherwise.
    this.#timeout = lending.timeout ?? 0;
    const { max, min } = lending.pool.stats();
    this.options = fillIn({ max, min, connectionTimeoutMillis: this.#timeout, idleTimeoutMillis: null });
  }

  lend(lent: (lent: Lent) => void, refused: (error: unknown) => void): void {
    this.#lend().then(lent, refused);
  }

  get counts(): Counts {
    return countsOf(this.#lending.pool.stats());
  }

  get clients(): PgClient[] {
    return [...this.#seen.keys()];
  }

  /** What the server says of a statement is no reason to give a connection up that others can use. */
  survives(client: PgClient, error: unknown): boolean {
    if (!(error instanceof Error && "severity" in error && "code" in error) || !isSound(client)) return false;
    return this.#lending.dialect.classify({ sqlState: String(error.code) }).connection === "keep";
  }

  translate(error: unknown): unknown {
    return inPgWords(error);
  }

  wane(): void {}

  async close(): Promise<void> {}

  async #lend(): Promise<Lent> {
    const { pool } = this.#lending;
    for (;;) {
      const given = pool.acquire({ timeout: this.#timeout, failFast: true });
      const loan = given instanceof Promise ? await given : given;
      const { item } = loan;
      // What was sent as it came back from its last holder is answered before this one gets it.
      if (item.busy) await item.ping().catch(() => {});
      if (loan.lost === undefined && item.standing !== "lost") return this.#lent(loan);
      await pool.destroy(loan);
    }
  }

  #lent(loan: Loan<Connection>): Lent {
    const { pool } = this.#lending;
    const client = loan.item.raw as PgClient;
    const isNew = !this.#seen.has(client);
    const state = this.#seen.get(client) ?? this.#meet(client);
    state.lent = true;
    const conceal = loan.item.expose?.() ?? (() => {});
    let listenAgain = (): void => {};
    const { place } = loan;
    return {
      client,
      isNew,
      get expired() {
        return place !== undefined && performance.now() >= place.expiresAt;
      },
      worn: false,
      // Every connection of a database object comes back clean.
      isFor: () => {},
      hand: () => {
        listenAgain = overhear(client, state.onError);
      },
      leave: () => {
        state.lent = false;
      },
      giveBack: () => {
        listenAgain();
        conceal();
        void pool.release(loan);
      },
      destroy: () => {
        state.lent = true;
        listenAgain();
        // What is under way goes on counting as such, so that it is stopped on the server before the connection is closed.
        if (!isBusy(client)) conceal();
        return pool.destroy(loan);
      },
    };
  }

  #meet(client: PgClient): Met {
    const state: Met = {
      lent: false,
      broken: false,
      onError: (error) => {
        // A connection that ends brings up more than one; the first says why.
        if (state.broken) return;
        state.broken = true;
        if (state.lent) return;
        error.client = client;
        this.#events.idleError(error, client);
      },
    };
    this.#seen.set(client, state);
    client.on("error", state.onError);
    client.on("end", () => {
      if (this.#seen.delete(client)) this.#events.removed(client);
    });
    return state;
  }
}
