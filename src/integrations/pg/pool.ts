import { EventEmitter } from "node:events";
import { afterTurn, nextTick } from "../../base/turn.ts";
import { lendingOf } from "../../database/lending.ts";
import { loadClient } from "../../driver/load.ts";
import { countAs } from "./ancestry.ts";
import { BorrowedLender } from "./borrowed.ts";
import { isBusy, type PgClient, type PgClientClass, whenQuiet } from "./client.ts";
import type { Lender, LenderEvents, Lent } from "./lender.ts";
import { type FacadeOptions, fillIn, type Verify } from "./options.ts";
import { OwnLender } from "./own.ts";
import { answer, type Callback } from "./promised.ts";

/** What is used of the package `pg`. */
interface PgModule {
  readonly Client: PgClientClass;
  readonly Pool?: unknown;
}

type Release = (destroy?: unknown) => void;
type Handed = (error: unknown, client?: PgClient, release?: Release) => void;

/** Milliseconds for which a pool that ends waits for statements that nobody awaits. */
const UNANSWERED = 1000;

const noRelease: Release = () => {};

/**
 * `pg.Pool` over our pool. Its names, arguments, events and messages are those of pg-pool, since programs go by them; what
 * it does with the connections is ours. Its own name is that of the class that pg gives as `Pool`, since programs ask for it.
 */
export class BoundPool extends EventEmitter {
  readonly options: FacadeOptions;
  readonly Client: PgClientClass;
  readonly Promise: PromiseConstructor;
  readonly log: (...messages: unknown[]) => void;
  ending = false;
  ended = false;
  readonly #lender: Lender;
  /** Those that have been lent and not yet come back. */
  readonly #out = new Set<Lent>();
  /** Those of which a `connect` event has told: of others none tells that they are gone. */
  readonly #met = new WeakSet<PgClient>();
  /** Those that were given back with statements still under way. */
  readonly #unanswered = new Set<Lent>();
  /** How many wait, or hold, or are on their way. */
  #engaged = 0;
  #whenEnded: Callback<[]> | undefined = undefined;

  constructor(given?: Readonly<Record<string, unknown>> | object | null, Client?: PgClientClass) {
    super();
    const lending = lendingOf(given);
    const events: LenderEvents = {
      removed: (client) => {
        // `connect` and `remove` come in pairs, also where `onConnect` refused a client, since programs count by them.
        if (this.#met.delete(client)) this.emit("remove", client);
      },
      idleError: (error, client) => {
        // Without a listener this would end the process; and the client is gone from the pool already.
        if (this.listenerCount("error") > 0) this.emit("error", error, client);
      },
      log: (...messages) => this.log(...messages),
    };
    const pg = (): PgModule => loadClient<PgModule>("pg", "PostgreSQL");
    if (lending === undefined) {
      this.options = fillIn(given as Record<string, unknown> | null | undefined);
      this.Client = this.options.Client ?? Client ?? pg().Client;
      this.#lender = new OwnLender(this.options, this.Client, events);
    } else {
      const lender = new BorrowedLender(lending, events);
      this.options = lender.options;
      this.Client = pg().Client;
      this.#lender = lender;
    }
    this.log = this.options.log ?? (() => {});
    this.Promise = this.options.Promise ?? Promise;
    // Where pg hands its class over, it has made its own pool's class from this one.
    if (Client === undefined) recogniseAs(pg);
  }

  /** A pool over the connections of a `PooledPostgreSQLDatabase`. */
  static from(this: typeof BoundPool, database: object): BoundPool {
    return new this(database);
  }

  get totalCount(): number {
    return this.#lender.counts.total;
  }

  get idleCount(): number {
    return this.#lender.counts.idle;
  }

  get waitingCount(): number {
    return this.#lender.counts.waiting;
  }

  /** Clients in use that are older than `maxLifetimeSeconds`, and end when they come back. */
  get expiredCount(): number {
    let count = 0;
    for (const lent of this.#out) if (lent.expired) count++;
    return count;
  }

  /** All clients there are. pg-pool's own, undocumented name; programs look here to reach a client behind the pool's back. */
  get _clients(): readonly PgClient[] {
    return this.#lender.clients;
  }

  connect(callback?: Handed): Promise<PgClient> | undefined {
    if (this.ending) return this.#refuse(callback, "Cannot use a pool after calling end on the pool");
    const { done, result } = answer<PgClient>(this.Promise, callback);
    this.#lend("holder", done as Handed);
    return result;
  }

  query(
    text: unknown,
    values?: unknown,
    callback?: Callback<[result?: unknown]>,
  ): Promise<unknown> | undefined {
    if (typeof text === "function") {
      const { done, result } = answer(this.Promise, text as Callback<[]>);
      const why = "Passing a function as the first parameter to pool.query is not supported";
      afterTurn(() => done(new Error(why)));
      return result;
    }
    const given = typeof values === "function" ? (values as Callback<[result?: unknown]>) : callback;
    const { done, result } = answer<unknown>(this.Promise, given);
    const parameters = typeof values === "function" ? undefined : values;
    if (this.ending) {
      done(new Error("Cannot use a pool after calling end on the pool"));
      return result;
    }
    this.#lend("query", (error, client, release = noRelease) => {
      if (client === undefined) done(error);
      else this.#run(client, release, [text, parameters], done);
    });
    return result;
  }

  /**
   * Lends nothing any more. Who waits is still served and who holds may finish; done when the last client has come back
   * and every connection is closed.
   */
  end(callback?: Callback<[]>): Promise<void> | undefined {
    this.log("ending");
    if (this.ending) return this.#refuse(callback, "Called end on pool more than once");
    this.ending = true;
    const { done, result } = answer<void>(this.Promise, callback);
    this.#whenEnded = done;
    this.#hurry();
    this.#lender.wane();
    this.#settle();
    return result;
  }

  #refuse(callback: Callback<never[]> | undefined, why: string): Promise<never> | undefined {
    const error = new Error(why);
    if (callback === undefined) return this.Promise.reject(error);
    callback(error);
    return undefined;
  }

  #lend(use: "query" | "holder", handed: Handed): void {
    this.#engaged++;
    // Never in the caller's own turn, since it could not have looked at what `connect` returned yet; and what a callback
    // throws is thrown in a turn of its own, as from a socket, and is no promise's failure.
    const lent = (given: Lent): void => nextTick(() => this.#welcome(given, use, handed));
    const refused = (error: unknown): void => nextTick(() => this.#turnAway(error, handed));
    try {
      this.#lender.lend(lent, refused);
    } catch (error) {
      refused(error);
    }
  }

  #turnAway(error: unknown, handed: Handed): void {
    this.#leave();
    handed(this.#lender.translate(error), undefined, noRelease);
  }

  /** A client has been lent: a new one is made ready first. */
  #welcome(lent: Lent, use: "query" | "holder", handed: Handed): void {
    this.#out.add(lent);
    lent.isFor(use);
    const { onConnect } = this.options;
    if (!lent.isNew || onConnect === undefined) {
      this.#hand(lent, handed);
      return;
    }
    const ready = new Promise((resolve) => resolve(onConnect(lent.client as PgClient & EventEmitter)));
    ready.then(
      () => nextTick(() => this.#hand(lent, handed)),
      async (error: unknown) => {
        await this.#destroy(lent);
        nextTick(() => handed(error, undefined, noRelease));
      },
    );
  }

  #hand(lent: Lent, handed: Handed): void {
    const { client, isNew } = lent;
    if (isNew) {
      this.#met.add(client);
      this.emit("connect", client);
    }
    this.emit("acquire", client);
    lent.hand();
    const release = this.#releaseOnce(lent);
    client.release = release;
    const verify: Verify | undefined = isNew ? this.options.verify : undefined;
    if (verify === undefined) {
      handed(undefined, client, release);
      return;
    }
    verify(client as PgClient & EventEmitter, (error) => {
      if (error) release(error);
      handed(error, error ? undefined : client, error ? noRelease : release);
    });
  }

  #releaseOnce(lent: Lent): Release {
    let released = false;
    return (destroy) => {
      if (released) {
        throw new Error("Release called on client which has already been released to the pool.");
      }
      released = true;
      this.emit("release", destroy, lent.client);
      if (destroy) void this.#destroy(lent);
      else this.#giveBackQuiet(lent);
    };
  }

  /** Gives a client back when what was sent on it and not awaited has been answered. */
  #giveBackQuiet(lent: Lent): void {
    lent.leave();
    if (!isBusy(lent.client)) {
      this.#giveBack(lent);
      return;
    }
    this.#unanswered.add(lent);
    whenQuiet(lent.client, () => {
      if (this.#unanswered.delete(lent)) this.#giveBack(lent);
    });
    if (this.ending) this.#hurry();
  }

  /** Nobody waits for answers that nobody waits for: a pool that ends gives them a moment, and then ends the clients. */
  #hurry(): void {
    if (this.#unanswered.size === 0) return;
    setTimeout(() => {
      for (const lent of this.#unanswered) {
        this.#unanswered.delete(lent);
        void this.#destroy(lent);
      }
    }, UNANSWERED);
  }

  #giveBack(lent: Lent): void {
    if (lent.worn) this.log("remove expended client");
    else if (lent.expired) this.log("remove expired client");
    this.#out.delete(lent);
    lent.giveBack();
    this.#leave();
  }

  async #destroy(lent: Lent): Promise<void> {
    this.#out.delete(lent);
    await lent.destroy();
    this.#leave();
  }

  /** Somebody has been answered for good, or has given back what he held. */
  #leave(): void {
    this.#engaged--;
    if (!this.ending) return;
    this.#lender.wane();
    this.#settle();
  }

  #settle(): void {
    const done = this.#whenEnded;
    if (!this.ending || this.#engaged > 0 || done === undefined) return;
    this.#whenEnded = undefined;
    this.#lender.close().then(() => {
      this.ended = true;
      nextTick(done);
    });
  }

  /** One query on a client that then goes back. */
  #run(
    client: PgClient,
    release: Release,
    query: readonly unknown[],
    done: Callback<[result?: unknown]>,
  ): void {
    let over = false;
    const end = (error: unknown): boolean => {
      if (over) return false;
      over = true;
      client.off?.("error", onError);
      release(this.#lender.survives(client, error) ? undefined : error);
      return true;
    };
    const onError = (error: unknown): void => {
      if (end(error)) done(error);
    };
    client.on("error", onError);
    this.log("dispatching query");
    try {
      client.query(...(query as [unknown, unknown]), (error: unknown, result: unknown) => {
        this.log("query dispatched");
        if (!end(error)) return;
        // pg-pool's callback gets an error alone.
        if (error) done(error);
        else done(undefined, result);
      });
    } catch (error) {
      onError(error);
    }
  }
}

/** Makes a pool an instance of pg's own class too, where pg is installed. */
function recogniseAs(pg: () => PgModule): void {
  try {
    countAs(BoundPool, pg().Pool);
  } catch {
    // Then there is nobody who would know it by that class.
  }
}
