import { OptionError } from "../base/error.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Reset } from "../driver/driver.ts";
import { POOL_OPTION_NAMES, type PoolOptionsInput } from "../pool/options.ts";
import type { Handle } from "./handle.ts";
import { CONNECTION_OPTION_NAMES, type ConnectionOptions, checkNames } from "./options.ts";

/** Options of a pooled database: those of a database object, and the pool's. */
export interface PooledOptions extends ConnectionOptions, PoolOptionsInput {
  /**
   * How much of a session is cleared as its connection is given back. `"none"` only ends an open transaction;
   * `"transaction"` also clears what was recognised from the statements and the protocol (settings, subscriptions,
   * temporary tables, session locks), and sends nothing where there was none; `"full"` clears all, at the price of a
   * statement each time, for which nobody waits. @default "transaction"
   */
  readonly reset?: Reset | undefined;
  /**
   * Called with each connection when it was opened, before anybody gets it; for settings such as a time zone. Where it
   * throws, the connection is closed and the caller gets the error. `reset` may clear what it set.
   */
  readonly onConnect?: ((connection: Handle) => unknown) | undefined;
  /** The pool's name in messages, events and metrics. @default "main" */
  readonly name?: string | undefined;
  /**
   * Whether statements outside any scope, which `autoconnect` lets run, share connections: short ones are sent down one
   * connection without waiting for the answers of those before, and kept prepared there. `false` gives each a connection
   * of its own for its time. On PostgreSQL, on MySQL and MariaDB by the client `mariadb`, and on SQLite in worker threads;
   * elsewhere it changes nothing. @default true
   */
  readonly multiplex?: boolean | undefined;
  /**
   * Only for SQLite, and only for a database in a file: how many worker threads its connections live in at most, so that no
   * statement stops this program's own thread. While there are fewer threads than that, each connection gets one of its own
   * (some 12 MB and 50 ms); then they share, and a long statement keeps those in the same thread waiting. `false`
   * keeps the connections in this thread: less work for each short statement, and nothing else runs during a long one.
   * @default 8
   */
  readonly workers?: boolean | number | undefined;
}

/** Enough that hardly two connections share a thread, few enough that their memory is not noticed. */
const THREADS = 8;

const OWN = ["reset", "onConnect", "name", "multiplex", "workers"];
const LEVELS = ["full", "transaction", "none"];

const KNOWN = [...new Set([...CONNECTION_OPTION_NAMES, ...POOL_OPTION_NAMES, ...OWN])];

/** The options, taken apart by whom they are for. */
export interface PooledParts {
  readonly connection: ConnectionOptions;
  readonly pool: Record<string, unknown>;
  readonly reset: Reset;
  readonly onConnect: PooledOptions["onConnect"];
  readonly name: string;
  /** The name, where the user gave one. */
  readonly given: string | undefined;
  readonly multiplex: boolean;
  /** How many worker threads there may be; 0 for none. */
  readonly workers: number;
}

/** @throws OptionError where an option does not exist or one of the pool's own does not fit */
export function readPooled(options: PooledOptions, title: string, dialect: Dialect): PooledParts {
  checkNames(options, KNOWN, title);
  const part = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
  const { reset = "transaction", onConnect, name = "main", multiplex = true } = options as PooledOptions;
  if (!LEVELS.includes(reset))
    throw new OptionError("reset", 'The option "reset" takes "full", "transaction" or "none".');
  if (onConnect !== undefined && typeof onConnect !== "function") {
    throw new OptionError(
      "onConnect",
      'The option "onConnect" takes a function that is called with each new connection.',
    );
  }
  if (typeof name !== "string" || name === "")
    throw new OptionError("name", 'The option "name" takes a string that is not empty.');
  if (typeof multiplex !== "boolean")
    throw new OptionError("multiplex", 'The option "multiplex" takes true or false.');
  const workers = readWorkers((options as PooledOptions).workers, dialect);
  return {
    connection: part(CONNECTION_OPTION_NAMES),
    pool: part(POOL_OPTION_NAMES),
    reset,
    onConnect,
    name,
    given: options.name as string | undefined,
    multiplex,
    workers,
  };
}

function readWorkers(workers: unknown, dialect: Dialect): number {
  if (workers === undefined) return THREADS;
  if (dialect.name !== "sqlite") {
    throw new OptionError(
      "workers",
      `The option "workers" means nothing for ${dialect.title}, whose server does the work. It is for SQLite.`,
    );
  }
  if (typeof workers === "boolean") return workers ? THREADS : 0;
  if (Number.isSafeInteger(workers) && Number(workers) >= 1) return Number(workers);
  throw new OptionError(
    "workers",
    'The option "workers" takes a whole number of threads, 1 or more, or false for none.',
  );
}
