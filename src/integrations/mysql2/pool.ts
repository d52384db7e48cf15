import { nextTick } from "../../base/turn.ts";
import type { Lent } from "../../database/lending.ts";
import { dress } from "./dress.ts";
import { CLOSED, toldAsMysql2 } from "./errors.ts";
import { type Given, settled } from "./given.ts";
import type { GotConnection, Host, HostConnection, HostPool } from "./host.ts";
import { type QueueView, queueView } from "./queue-view.ts";
import { traced } from "./trace.ts";

/** Milliseconds between two looks at whether more lie idle than `maxIdle`; mysql2's own. */
const LOOK = 1000;

/** Milliseconds for which the end of a pool waits for statements under way: some three weeks, about as long as a timer can. */
const AS_LONG_AS_IT_TAKES = 2_000_000_000;

/** Somebody who waits for a connection. */
interface Caller {
  readonly callback: GotConnection;
  /** Takes it out of the line of a pool that goes on. */
  readonly giveUp: AbortController | undefined;
  /** Settles when it was handed its connection, or refused. */
  readonly answered: Promise<void>;
}

type PoolClass = new (given: Given) => HostPool;

const classes = new WeakMap<Host, PoolClass>();

/** Our pool as a class that extends mysql2's own. */
export function poolClass(host: Host): PoolClass {
  const found = classes.get(host) ?? makeClass(host);
  classes.set(host, found);
  return found;
}

function makeClass(host: Host): PoolClass {
  /**
   * mysql2's pool with ours underneath. Statements, events and helpers are mysql2's, inherited; who gets which connection
   * and when, and what becomes of it afterwards, is decided by our pool.
   */
  class Pool extends host.Pool {
    #given: Given;
    #asked = false;
    /** Those that somebody holds. */
    readonly #loans = new Map<HostConnection, Lent>();
    /** Those that were lent at least once and are not gone. */
    readonly #known = new Set<HostConnection>();
    /** Those who wait, in the sequence in which they came. */
    readonly #waiting = new Set<Caller>();
    /** Whether what asks now does so for one statement. */
    #brief = false;
    #ended: Promise<void> | undefined;
    /** mysql2's name for it, which is looked at by who wants to know whether the pool was ended. */
    _removeIdleTimeoutConnectionsTimer: NodeJS.Timeout | undefined;

    constructor(given: Given) {
      super({ config: given.config });
      this.#given = given;
      const { maxIdle, connectionLimit } = given.config;
      if (given.own && maxIdle < connectionLimit) {
        this._removeIdleTimeoutConnectionsTimer = setInterval(() => this.#trim(maxIdle), LOOK).unref();
      }
    }

    // mysql2's own constructor puts its queues here, and starts its own search for idle connections.
    get _allConnections(): QueueView<HostConnection> {
      const { open, closing, connecting } = this.#given.lending.pool.stats();
      const known = [...this.#known];
      return queueView(known, this.#given.own ? open - closing + connecting : known.length);
    }
    set _allConnections(_queue: unknown) {}

    get _freeConnections(): QueueView<HostConnection> {
      const free = [...this.#known].filter((connection) => !this.#loans.has(connection));
      return queueView(free, this.#given.own ? this.#given.lending.pool.stats().idle : free.length);
    }
    set _freeConnections(_queue: unknown) {}

    get _connectionQueue(): QueueView<never> {
      return queueView([], this._closed ? 0 : Math.min(this.#waiting.size, this.#behindHolders()));
    }
    set _connectionQueue(_queue: unknown) {}

    _removeIdleTimeoutConnections(): void {}

    getConnection(callback: GotConnection): void {
      const brief = this.#brief;
      traced(this.config.connectionConfig, (got) => this.#get(got, brief), callback);
    }

    override query(...args: unknown[]): unknown {
      return this.#briefly(() => super.query(...args));
    }

    override execute(...args: unknown[]): unknown {
      return this.#briefly(() => super.execute(...args));
    }

    /** A statement of the pool's own asks for its connection before it returns. */
    #briefly<T>(run: () => T): T {
      // Who is refused rather than made to wait is not to be told that it may share.
      this.#brief = this.config.waitForConnections;
      try {
        return run();
      } finally {
        this.#brief = false;
      }
    }

    releaseConnection(given: HostConnection | { readonly connection: HostConnection }): void {
      const connection = "connection" in given ? given.connection : given;
      const loan = this.#loans.get(connection);
      if (loan === undefined) return;
      this.#loans.delete(connection);
      connection._released = true;
      connection.lastActiveTime = Date.now();
      const { pool } = this.#given.lending;
      const listened = this.listenerCount("release") > 0 && pool.stats().waiting === 0;
      const back = pool.release(loan);
      if (!listened) return;
      if (back === undefined) this.emit("release", connection);
      else void back.then(() => this.#known.has(connection) && this.emit("release", connection));
    }

    /** mysql2's connections call this when they are destroyed, or have died. */
    _removeConnection(connection: HostConnection): void {
      const { pool } = this.#given.lending;
      this.#known.delete(connection);
      const loan = this.#loans.get(connection);
      this.#loans.delete(connection);
      if (loan !== undefined) void pool.destroy(loan);
      // One that lies idle was destroyed by somebody who had it before.
      else pool.retire(({ raw }) => raw === connection);
    }

    override end(callback?: (error?: Error) => void): void {
      this.#ended ??= this.#end();
      void this.#ended.then(() => {
        if (typeof callback === "function") nextTick(callback);
      });
    }

    async #end(): Promise<void> {
      this._closed = true;
      clearInterval(this._removeIdleTimeoutConnectionsTimer);
      const { own, lending } = this.#given;
      const { pool } = lending;
      // Who was given a connection in this very turn is called with it in the next tick, and then sends his statement.
      await new Promise<void>((resolve) => nextTick(resolve));
      const held = [...this.#loans.keys()];
      const farewells = held.map(farewell);
      // Who would have a connection that lies ready by now, were it not looked at first, still gets it.
      const served = [...this.#waiting].slice(0, pool.stats().idle);
      for (const caller of this.#waiting) if (!served.includes(caller)) this.#refuse(caller);
      await Promise.all(served.map(({ answered }) => answered));
      const drained = own ? pool.drain(AS_LONG_AS_IT_TAKES) : undefined;
      const late = [...this.#loans.keys()].filter((connection) => !held.includes(connection));
      await Promise.all([...farewells, ...late.map(farewell)]);
      this.#loans.clear();
      this.#known.clear();
      await drained;
    }

    /** Tells a caller that the pool is closed. What it waited for is given back when it comes. */
    #refuse(caller: Caller): void {
      this.#waiting.delete(caller);
      caller.giveUp?.abort();
      nextTick(caller.callback, new Error(CLOSED));
    }

    #get(callback: GotConnection, brief: boolean): void {
      if (this._closed) {
        nextTick(callback, new Error(CLOSED));
        return;
      }
      if (!this.#asked) this.#given = settled(host, this.#given);
      this.#asked = true;
      const { lending, own } = this.#given;
      // A pool of one's own refuses those who wait when it is drained.
      const giveUp = own ? undefined : new AbortController();
      const loan = lending.pool.acquire({ failFast: own, brief, signal: giveUp?.signal });
      if (loan instanceof Promise) this.#wait(callback, loan, giveUp);
      else this.#hand(loan, callback);
    }

    #wait(callback: GotConnection, loan: Promise<Lent>, giveUp: AbortController | undefined): void {
      const { lending, own } = this.#given;
      let settle: () => void = () => {};
      const answered = new Promise<void>((resolve) => {
        settle = resolve;
      });
      const caller: Caller = { callback, giveUp, answered };
      this.#waiting.add(caller);
      if (this.listenerCount("enqueue") > 0 && this.#behindHolders() > 0) this.emit("enqueue");
      loan.then(
        (its) => {
          if (!this.#waiting.delete(caller)) {
            void lending.pool.release(its);
            return;
          }
          // What a listener throws is the process's affair, as with mysql2, and not a promise's.
          nextTick(() => this.#hand(its, callback, settle));
        },
        (error: unknown) => {
          settle();
          if (!this.#waiting.delete(caller)) return;
          const { waitForConnections } = this.config;
          nextTick(callback, toldAsMysql2({ error, own, waitForConnections }));
        },
      );
    }

    /** How many wait for somebody to give back; the others wait for the network alone. */
    #behindHolders(): number {
      const { waiting, inUse, max } = this.#given.lending.pool.stats();
      return Math.max(0, waiting + inUse - max);
    }

    #hand(loan: Lent, callback: GotConnection, settle?: () => void): void {
      const connection = dress(host, loan.item.raw as object, this);
      const fresh = !this.#known.has(connection);
      this.#known.add(connection);
      this.#loans.set(connection, loan);
      if (fresh) this.emit("connection", connection);
      this.emit("acquire", connection);
      nextTick(() => {
        connection._released = false;
        try {
          callback(null, connection);
        } finally {
          settle?.();
        }
      });
    }

    #trim(maxIdle: number): void {
      const { pool } = this.#given.lending;
      if (pool.stats().idle > maxIdle) void pool.closeIdle(maxIdle);
    }
  }
  return Pool;
}

/** Ends a connection when its statements are done; settles when it is closed. */
function farewell(connection: HostConnection): Promise<void> {
  const { stream } = connection;
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", () => resolve());
    connection._realEnd();
  });
}
