import type { Loan } from "../../pool/loan.ts";
import type { Place } from "../../pool/place.ts";
import type { Pool } from "../../pool/pool.ts";
import type { PgClient } from "./client.ts";
import type { Lent } from "./lender.ts";
import type { FacadeOptions } from "./options.ts";
import type { Seat } from "./seat.ts";

/** A client of our own making in somebody's hands. One is made for each query, so it is a plain object without closures. */
export class LentSeat implements Lent {
  readonly client: PgClient;
  readonly isNew: boolean;
  readonly #loan: Loan<Seat>;
  readonly #place: Place<unknown> | undefined;
  readonly #pool: Pool<Seat>;
  readonly #options: FacadeOptions;

  constructor(loan: Loan<Seat>, pool: Pool<Seat>, options: FacadeOptions) {
    const seat = loan.item;
    this.client = seat.client;
    this.isNew = seat.isNew;
    this.#loan = loan;
    this.#place = loan.place;
    this.#pool = pool;
    this.#options = options;
    seat.lent = true;
    seat.isNew = false;
    if (options.allowExitOnIdle) seat.client.ref?.();
  }

  get expired(): boolean {
    const at = this.#place?.expiresAt ?? Number.POSITIVE_INFINITY;
    // The clock is asked only where there is a time to compare with: this is read after each query.
    return at !== Number.POSITIVE_INFINITY && performance.now() >= at;
  }

  get worn(): boolean {
    return this.#place !== undefined && this.#place.uses >= this.#options.maxUses;
  }

  isFor(use: "query" | "holder"): void {
    this.#loan.item.isFor(use);
  }

  hand(): void {
    this.#loan.item.hand();
  }

  leave(): void {
    this.#loan.item.takeBack();
    this.#loan.item.lent = false;
  }

  giveBack(): void {
    if (this.#options.allowExitOnIdle) this.client.unref?.();
    void this.#pool.release(this.#loan);
  }

  destroy(): Promise<void> {
    // It does not count as idle again: what its end still brings up is no news to anybody.
    this.#loan.item.lent = true;
    this.#loan.item.takeBack();
    return this.#pool.destroy(this.#loan);
  }
}
