import type { Lent } from "../../database/lending.ts";
import { dress } from "./dress.ts";
import { CLOSED, toldAsMysql2 } from "./errors.ts";
import type { Given } from "./given.ts";
import type { GotConnection, Host, HostConnection, HostPool } from "./host.ts";
import { type QueueView, queueView } from "./queue-view.ts";
import { traced } from "./trace.ts";

/** Milliseconds between two looks at whether more lie idle than `maxIdle`; mysql2's own. */
const LOOK = 1000;

/** Milliseconds for which the end of a pool waits for statements under way: as long as a timer can. */
const AS_LONG_AS_IT_TAKES = 2 ** 31 - 1;

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
    readonly #given: Given;
    /** Those that somebody holds. */
    readonly #loans = new Map<HostConnection, Lent>();
    /** Those that were lent at least once and are not gone. */
    readonly #known = new Set<HostConnection>();
    readonly #closing = new AbortController();
    #waiting = 0;
    /** Whether what asks now does so for one statement. */
    #brief = false;
    #ended: Promise<void> | undefined;
    #look: NodeJS.Timeout | undefined;

    constructor(given: Given) {
      super({ config: given.config });
      this.#given = given;
      const { maxIdle, connectionLimit } = given.config;
      if (given.own && maxIdle < connectionLimit) {
        this.#look = setInterval(() => this.#trim(maxIdle), LOOK);
        this.#look.unref();
      }
    }

    // mysql2's own constructor puts its queues here, and starts its own search for idle connections.
    get _allConnections(): QueueView<HostConnection> {
      const { open, connecting } = this.#given.lending.pool.stats();
      const known = [...this.#known];
      return queueView(known, this.#given.own ? open + connecting : known.length);
    }
    set _allConnections(_queue: unknown) {}

    get _freeConnections(): QueueView<HostConnection> {
      const free = [...this.#known].filter((connection) => !this.#loans.has(connection));
      return queueView(free, this.#given.own ? this.#given.lending.pool.stats().idle : free.length);
    }
    set _freeConnections(_queue: unknown) {}

    get _connectionQueue(): QueueView<never> {
      const { connecting } = this.#given.lending.pool.stats();
      return queueView([], Math.max(0, this.#waiting - connecting));
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
      this.#known.delete(connection);
      const loan = this.#loans.get(connection);
      if (loan === undefined) return;
      this.#loans.delete(connection);
      void this.#given.lending.pool.destroy(loan);
    }

    override end(callback?: (error?: Error) => void): void {
      this.#ended ??= this.#end();
      void this.#ended.then(() => {
        if (typeof callback === "function") process.nextTick(callback);
      });
    }

    async #end(): Promise<void> {
      this._closed = true;
      clearInterval(this.#look);
      this.#closing.abort();
      const { own, lending } = this.#given;
      const drained = own ? lending.pool.drain(AS_LONG_AS_IT_TAKES) : undefined;
      await Promise.all([...this.#loans.keys()].map(farewell));
      this.#loans.clear();
      this.#known.clear();
      await drained;
    }

    #get(callback: GotConnection, brief: boolean): void {
      if (this._closed) {
        process.nextTick(callback, new Error(CLOSED));
        return;
      }
      const { lending, own } = this.#given;
      const full = this.listenerCount("enqueue") > 0 && this.#isFull();
      const loan = lending.pool.acquire({ failFast: own, brief, signal: this.#closing.signal });
      if (!(loan instanceof Promise)) {
        this.#hand(loan, callback);
        return;
      }
      if (full) this.emit("enqueue");
      this.#waiting++;
      loan.then(
        (its) => {
          this.#waiting--;
          // What a listener throws is the process's affair, as with mysql2, and not a promise's.
          process.nextTick(() => this.#hand(its, callback));
        },
        (error: unknown) => {
          this.#waiting--;
          const { waitForConnections } = this.config;
          const told = toldAsMysql2({ error, closed: this._closed, own, waitForConnections });
          process.nextTick(callback, told);
        },
      );
    }

    #isFull(): boolean {
      const { inUse, connecting, max } = this.#given.lending.pool.stats();
      return inUse + connecting >= max;
    }

    #hand(loan: Lent, callback: GotConnection): void {
      const connection = dress(host, loan.item.raw as object, this);
      const fresh = !this.#known.has(connection);
      this.#known.add(connection);
      this.#loans.set(connection, loan);
      if (fresh) this.emit("connection", connection);
      this.emit("acquire", connection);
      process.nextTick(() => {
        if (this._closed) {
          callback(new Error(CLOSED));
          return;
        }
        connection._released = false;
        callback(null, connection);
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
