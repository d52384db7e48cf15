import { OptionError } from "../base/error.ts";
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
}

const OWN = ["reset", "onConnect", "name"];
const LEVELS = ["full", "transaction", "none"];

const KNOWN = [...new Set([...CONNECTION_OPTION_NAMES, ...POOL_OPTION_NAMES, ...OWN])];

/** The options, taken apart by whom they are for. */
export interface PooledParts {
  readonly connection: ConnectionOptions;
  readonly pool: Record<string, unknown>;
  readonly reset: Reset;
  readonly onConnect: PooledOptions["onConnect"];
  readonly name: string;
}

/** @throws OptionError where an option does not exist or one of the pool's own does not fit */
export function readPooled(options: PooledOptions, title: string): PooledParts {
  checkNames(options, KNOWN, title);
  const part = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
  const { reset = "transaction", onConnect, name = "main" } = options as PooledOptions;
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
  return { connection: part(CONNECTION_OPTION_NAMES), pool: part(POOL_OPTION_NAMES), reset, onConnect, name };
}
