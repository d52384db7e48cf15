import { overhear } from "../../driver/overhear.ts";
import type { PgClient } from "./client.ts";
import type { LenderEvents } from "./lender.ts";

/** A client of our own making, and what is known about it. */
export class Seat {
  readonly client: PgClient;
  readonly #events: LenderEvents;
  /** Somebody holds it, or has given it back to be ended. */
  lent = false;
  /** Nobody has held it yet. */
  isNew = true;
  /** Why it is of no use any more. */
  broken: Error | undefined = undefined;
  #tell: ((cause: Error) => void) | undefined = undefined;
  #use: "query" | "holder" = "holder";
  /** As the server said it with its last answer: `I` idle, `T` in a transaction, `E` in a failed one. */
  #status: "I" | "T" | "E" = "I";
  #listenAgain: (() => void) | undefined = undefined;

  constructor(client: PgClient, events: LenderEvents) {
    this.client = client;
    this.#events = events;
    client.connection?.on?.("readyForQuery", (message?: { readonly status?: "I" | "T" | "E" }) => {
      this.#status = message?.status ?? "I";
    });
    // Stays for good: a client without a listener would end the process when its connection dies.
    client.on("error", this.#onError);
    client.on("end", () => {
      this.broken ??= new Error("The client was ended.");
      if (!this.lent) this.#tell?.(this.broken);
    });
  }

  readonly #onError = (error: Error & { client?: PgClient }): void => {
    if (this.broken !== undefined) {
      this.#events.log("additional client error after disconnection due to error", error);
      return;
    }
    this.broken = error;
    if (this.lent || this.#tell === undefined) return;
    error.client = this.client;
    this.#tell(error);
    this.#events.idleError(error, this.client);
  };

  /** Who is told when it dies while nobody holds it; its holder finds out by himself. */
  onLost(lost: (cause: Error) => void): void {
    this.#tell = lost;
    if (this.broken !== undefined) lost(this.broken);
  }

  /** Who has it now. A holder does not go on in a transaction that was begun by `pool.query`. */
  isFor(use: "query" | "holder"): void {
    if (use === "holder") this.#rollBack();
    this.#use = use;
  }

  /** Its holder counts his own listeners of `error` alone, as with pg-pool. One `pool.query` has nobody who would count. */
  hand(): void {
    if (this.#use === "holder") this.#listenAgain ??= overhear(this.client, this.#onError);
  }

  takeBack(): void {
    this.#listenAgain?.();
    this.#listenAgain = undefined;
  }

  /** Sees to it that a holder's open transaction reaches nobody else. What is sent goes in front of the next first statement. */
  endTransaction(): true {
    if (this.#use === "holder") this.#rollBack();
    return true;
  }

  #rollBack(): void {
    if (this.#status !== "I") this.#send("rollback", () => {});
  }

  /** A round trip. */
  ping(): Promise<boolean> {
    return new Promise((resolve) => this.#send("select 1", (error) => resolve(!error)));
  }

  #send(text: string, then: (error: Error | null | undefined) => void): void {
    this.client.query(text, undefined, (error: Error | null | undefined) => {
      if (error) this.broken ??= error;
      then(error);
    });
  }
}
