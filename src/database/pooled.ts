import { type Duration, milliseconds } from "../base/duration.ts";
import { ConnectError } from "../base/error.ts";
import type { Origin } from "../base/origin.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Connection } from "../driver/driver.ts";
import { parsePoolOptions } from "../pool/options.ts";
import { Pool } from "../pool/pool.ts";
import type { PoolStats } from "../pool/stats.ts";
import { Alone } from "./alone.ts";
import { Database } from "./database.ts";
import { connectorOf, type Founder } from "./foundation.ts";
import { Handle } from "./handle.ts";
import { Here } from "./here.ts";
import { type Lending, lending, lendingBy } from "./lending.ts";
import { aloneInMemory, isInMemory, memorySource } from "./memory.ts";
import { Multiplexer } from "./multiplex/multiplexer.ts";
import { Texts } from "./multiplex/texts.ts";
import { PoolSource } from "./pool-source.ts";
import { type PooledOptions, type PooledParts, readPooled } from "./pooled-options.ts";
import { connectionResource } from "./resource.ts";
import { Scope, Scopes } from "./scope.ts";
import { Session } from "./session.ts";

/** Seconds after which `closeStale` counts a loan as forgotten. */
const FORGOTTEN = 600;

/** What a pool adds to a database object. */
export interface PoolMembers {
  /** Identifies this async context: the same value wherever the context has the same connection. */
  readonly connKey: unknown;
  /** Really closes this context's connection instead of giving it back. `false` where there is none. Settles when its place is free. */
  manualClose(): Promise<boolean>;
  /** Closes the connections that nobody uses, and gives their number. */
  closeIdle(): Promise<number>;
  /**
   * Closes the connections that were checked out longer than `age` ago (seconds, or with a unit), and gives their number.
   * Who held one gets `ConnectionLostError` at the next use. @default 600
   */
  closeStale(age?: Duration): Promise<number>;
  /**
   * Closes everything and waits for no holder: holders get `ConnectionLostError` at their next use, those who wait a
   * `PoolClosedError`. Statements under way are cancelled. Afterwards the pool can be used again.
   */
  closeAll(): Promise<void>;
  /**
   * For shutting down: nobody gets a connection any more, holders may finish within `timeout` (seconds, or with a unit),
   * then what is left is closed under them. Always settles in time; tells how many were cut off. Afterwards everybody
   * gets `PoolClosedError`.
   */
  drain(timeout: Duration): Promise<{ cut: number }>;
  /** The pool at this moment, and counters since the start, as a plain object. */
  stats(): PoolStats;
}

const pooled: unique symbol = Symbol("apocryphan.pooled");

/** A database object with a pool: what the three pooled classes have in common, and are all instances of. */
export abstract class PooledDatabase extends Database implements PoolMembers {
  /** Whether `value` is one of the three pooled database objects. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && pooled in value;
  }

  abstract readonly connKey: unknown;
  abstract manualClose(): Promise<boolean>;
  abstract closeIdle(): Promise<number>;
  abstract closeStale(age?: Duration): Promise<number>;
  abstract closeAll(): Promise<void>;
  abstract drain(timeout: Duration): Promise<{ cut: number }>;
  abstract stats(): PoolStats;
}

type Class = new (options: never, found?: Founder) => Database;

/** `Base` with a pool. */
export function withPool<Base extends Class>(
  Base: Base,
): new (
  options: PooledOptions,
) => InstanceType<Base> & PoolMembers {
  // A mixin's constructor has to be written this way, whatever its base takes:
  // https://www.typescriptlang.org/docs/handbook/mixins.html
  const Open = Base as unknown as new (options: PooledOptions, found: Founder) => Database;
  class Pooled extends Open implements PoolMembers {
    readonly [pooled] = true;
    readonly #options: PooledOptions;

    constructor(options: PooledOptions) {
      super(options, foundPool);
      this.#options = options;
    }

    /** See `lendingOf`. @internal */
    get [lending](): Lending {
      return lendingBy(this.#options, this.knowledge, this.#pool);
    }

    get connKey(): unknown {
      return this.scopes.key();
    }

    manualClose(): Promise<boolean> {
      return this.end("destroy");
    }

    closeIdle(): Promise<number> {
      return (this.source as PoolSource).closeIdle();
    }

    async closeStale(age: Duration = FORGOTTEN): Promise<number> {
      return (this.source as PoolSource).closeStale(milliseconds("age", age));
    }

    closeAll(): Promise<void> {
      return this.#pool.closeAll();
    }

    async drain(timeout: Duration): Promise<{ cut: number }> {
      return this.#pool.drain(milliseconds("timeout", timeout));
    }

    stats(): PoolStats {
      return this.#pool.stats();
    }

    protected override shown() {
      return { ...super.shown(), stats: this.stats() };
    }

    get #pool(): Pool<Connection> {
      return (this.source as PoolSource).pool;
    }
  }
  return Pooled as unknown as ReturnType<typeof withPool<Base>>;
}

const foundPool: Founder = (binding, options, title) => {
  const { dialect, threaded } = binding;
  const parts = readPooled(options as PooledOptions, title, dialect);
  // Those outside of the pool stay in this thread: there are few, and they live for a few statements.
  const { connector: outside, autoconnect = false } = connectorOf(binding, parts.connection, parts.given);
  const { origin } = outside;
  const pool = parsePoolOptions(parts.pool);
  const memory = isInMemory(parts.connection);
  const inThreads = threaded === undefined || memory || parts.workers === 0 ? undefined : threaded;
  const connector =
    inThreads === undefined
      ? outside
      : connectorOf({ dialect, drivers: inThreads(parts.workers) }, parts.connection, parts.given).connector;
  // A server that takes no writes any more is of no use to anybody: what else leads there is given up with it.
  const died = (connection: Connection, cause: Error): void => {
    const others = connector.lost(connection, cause);
    if (others !== undefined) source.pool.retire(others);
  };
  const open = async (signal: AbortSignal): Promise<Connection> => {
    const connection = await connector.open(signal);
    await prepare(connection, dialect, parts, origin);
    return connection;
  };
  if (memory) {
    const source = memorySource(open, origin, parts.pool, parts.name);
    return { dialect, connector, autoconnect, source, single: true, alone: aloneInMemory(source) };
  }
  const where = { local: connector.driver.local === true, threads: inThreads !== undefined };
  const source = new PoolSource(
    new Pool(connectionResource(open, parts.reset, where, died), pool, {
      name: parts.name,
      origin,
    }),
    origin,
  );
  const multiplexer =
    parts.multiplex && connector.driver.pipelines === true
      ? new Multiplexer(source.pool, new Texts(dialect.name), connector.driver.negligible)
      : undefined;
  const { looks } = connector.driver;
  const alone = new Alone(source.pool, looks === undefined ? undefined : new Here(source.pool, looks));
  return { dialect, connector: outside, autoconnect, source, multiplexer, alone };
};

/** Makes a new connection ready for its first holder. */
async function prepare(
  connection: Connection,
  dialect: Dialect,
  { onConnect }: PooledParts,
  origin: Origin,
): Promise<void> {
  try {
    if (dialect.name === "sqlite") await writeAhead(connection);
    if (onConnect === undefined) return;
    const lease = { item: connection, lost: undefined };
    // Given back to nobody: it stays open when the handle ends.
    const keeping = {
      origin,
      acquire: () => lease,
      release: () => {},
      destroy: async () => {},
      dispose: async () => {},
    };
    const session = new Session(keeping, lease, dialect.name === "sqlite");
    const scope = new Scope();
    scope.session = session;
    await onConnect(new Handle(dialect, new Scopes(), scope, session, false));
    await session.end("release");
    // What it has set is how each holder is to find the connection, and not something a holder has left behind.
    if (dialect.name === "sqlite") connection.reset("none");
  } catch (error) {
    await connection.close();
    throw new ConnectError(
      "A new connection was closed again, because onConnect failed on it. Its error is the cause.",
      {
        cause: error,
      },
    );
  }
}

/**
 * With a write-ahead log readers go on beside the one writer: https://www.sqlite.org/wal.html. A file that can't be
 * switched (it is read-only, or lies where there is no shared memory) stays as it is.
 */
async function writeAhead(connection: Connection): Promise<void> {
  const mode = async (text: string): Promise<unknown> =>
    (await connection.query({ text, values: [] })).rows[0]?.journal_mode;
  // Asking needs no lock; a file that was switched once stays so.
  if ((await mode("pragma journal_mode").catch(() => "")) !== "wal") {
    await mode("pragma journal_mode = wal").catch(() => {});
  }
}
