import { ConnectError } from "../../base/error.ts";
import type { Loan } from "../../pool/loan.ts";
import { Pool } from "../../pool/pool.ts";
import type { Resource } from "../../pool/resource.ts";
import type { PgClient, PgClientClass } from "./client.ts";
import { isSound } from "./client.ts";
import { countsOf } from "./counts.ts";
import { endClient } from "./end.ts";
import { inPgWords } from "./failures.ts";
import type { Counts, Lender, LenderEvents, Lent } from "./lender.ts";
import { LentSeat } from "./lent-seat.ts";
import { type FacadeOptions, limitsOf } from "./options.ts";
import { Seat } from "./seat.ts";

/** pg-pool's callers wait for a holder, but never for a server that can't be reached. */
const ASK = { failFast: true };

/** Makes clients of a given class from pg's options, and lends them by our pool. */
export class OwnLender implements Lender {
  readonly #pool: Pool<Seat>;
  readonly #options: FacadeOptions;
  readonly #Client: PgClientClass;
  readonly #events: LenderEvents;
  readonly #seats = new Set<Seat>();
  /** Milliseconds that a caller waits, `0` without an end. */
  readonly #wait: number;
  /** Failed attempts of which nobody has been told yet. */
  #untold = 0;

  constructor(options: FacadeOptions, Client: PgClientClass, events: LenderEvents) {
    this.#options = options;
    this.#Client = Client;
    this.#events = events;
    this.#wait = Number(options.connectionTimeoutMillis) || 0;
    this.#pool = new Pool(this.#resource(), limitsOf(options), { name: options.name ?? "pg" });
  }

  lend(lent: (lent: Lent) => void, refused: (error: unknown) => void): void {
    const loan = this.#pool.acquire(ASK);
    if (!(loan instanceof Promise)) {
      this.#hand(loan, lent, refused);
      return;
    }
    const asked = this.#wait > 0 ? performance.now() : 0;
    loan.then(
      (given) => this.#hand(given, lent, refused),
      (error: unknown) => this.#again(error, asked, lent, refused),
    );
  }

  /**
   * A failure to connect answers all who wait for that. pg-pool's callers each have an attempt of their own; so who is told
   * of somebody else's asks once more, in what is left of his time.
   */
  #again(error: unknown, asked: number, lent: (lent: Lent) => void, refused: (error: unknown) => void): void {
    const wait = this.#wait;
    const left = wait - (performance.now() - asked);
    if (!(error instanceof ConnectError) || this.#isTold() || (wait > 0 && left <= 0)) {
      refused(error);
      return;
    }
    const loan = this.#pool.acquire(wait > 0 ? { ...ASK, timeout: left } : ASK);
    Promise.resolve(loan).then((given) => this.#hand(given, lent, refused), refused);
  }

  /** Whether a failed attempt is left for one more to be told of; that one takes it. */
  #isTold(): boolean {
    if (this.#untold === 0) return false;
    this.#untold--;
    return true;
  }

  get counts(): Counts {
    return countsOf(this.#pool.stats());
  }

  get clients(): PgClient[] {
    return [...this.#seats].map(({ client }) => client);
  }

  /** As pg-pool does: after any failure in `pool.query` the client is not used again. */
  survives(): boolean {
    return false;
  }

  translate(error: unknown): unknown {
    return inPgWords(error);
  }

  wane(): void {
    if (this.counts.idle > 0 && this.#pool.stats().waiting === 0) void this.#pool.closeIdle();
  }

  close(): Promise<void> {
    return this.#pool.closeAll();
  }

  #hand(loan: Loan<Seat>, lent: (lent: Lent) => void, refused: (error: unknown) => void): void {
    // It died between its being lent and this turn.
    if (loan.lost !== undefined) this.lend(lent, refused);
    else lent(new LentSeat(loan, this.#pool, this.#options));
  }

  #resource(): Resource<Seat> {
    return {
      open: (signal) => this.#open(signal),
      close: (seat) => this.#close(seat),
      usable: (seat) => seat.broken === undefined && isSound(seat.client),
      check: (seat) => seat.ping(),
      reset: (seat) => seat.broken === undefined && isSound(seat.client) && seat.endTransaction(),
      onLost: (seat, lost) => seat.onLost(lost),
    };
  }

  #open(signal: AbortSignal): Promise<Seat> {
    this.#events.log("connecting new client");
    const client = new this.#Client(this.#options);
    const seat = new Seat(client, this.#events);
    this.#seats.add(seat);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#events.log("ending client due to timeout");
        if (client.connection) client.connection.stream.destroy();
        else client.end();
      };
      signal.addEventListener("abort", giveUp, { once: true });
      client.connect((error) => {
        signal.removeEventListener("abort", giveUp);
        if (!error) {
          this.#untold = 0;
          this.#events.log("new client connected");
          if (this.#options.allowExitOnIdle) client.unref?.();
          resolve(seat);
          return;
        }
        this.#events.log("client failed to connect", error);
        this.#seats.delete(seat);
        this.#untold++;
        // Settled only when the socket is closed, so that nothing is left behind on the server.
        const stream = client.connection?.stream;
        const settle = (): void => reject(error);
        if (stream === undefined || stream.closed || !stream.once) settle();
        else stream.once("close", settle).destroy();
      });
    });
  }

  #close(seat: Seat): Promise<void> {
    this.#seats.delete(seat);
    this.#events.log("ending client");
    return new Promise((resolve) => {
      endClient(seat.client, () => {
        resolve();
        this.#events.removed(seat.client);
      });
    });
  }
}
