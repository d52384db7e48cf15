import { milliseconds } from "../base/duration.ts";
import { OptionError } from "../base/error.ts";
import { nearest } from "../base/nearest.ts";
import type { Limits, Validate } from "./limits.ts";

/** The pool's options, read and filled in: durations are milliseconds, `Infinity` where there is no limit. */
export interface PoolOptions extends Limits {
  /** How long a caller waits for a connection: absent, it is refused at once where all are held; `0`, it waits for ever. */
  readonly timeout: number | undefined;
  /** How long an attempt to connect, a check, a reset or a close may take before it is given up. */
  readonly connectTimeout: number;
}

/** The pool's options as users write them. Durations are seconds, or strings such as `"250ms"`, `"30s"`, `"5m"`, `"1h"`. */
export interface PoolOptionsInput {
  /** How many connections there may be at any moment, those being opened and closed included. @default 20 */
  readonly maxConnections?: number | undefined;
  /** A connection opened longer ago than this is closed instead of handed out, and instead of taken back. @default none */
  readonly staleTimeout?: number | string | undefined;
  /**
   * How long a caller waits for a connection: one budget for the line, connecting and checking. Absent, it is refused at
   * once where all are held, and a failed connect is reported at once; `0`, it waits for ever. @default none
   */
  readonly timeout?: number | string | undefined;
  /** How many connections are opened ahead and kept. Costs that many sessions on the server. @default none */
  readonly minConnections?: number | undefined;
  /** A connection that nobody has used for so long is closed, unless `minConnections` are to be kept. @default none */
  readonly idleTimeout?: number | string | undefined;
  /** Like `staleTimeout`, but up to a tenth shorter by chance for each connection, so that they don't all end at once. @default none */
  readonly maxLifetime?: number | string | undefined;
  /** A connection is closed after it was handed out so often. @default none */
  readonly maxUses?: number | undefined;
  /** An idle connection gets a round trip after so long without use, so that the network does not forget it. @default none */
  readonly keepalive?: number | string | undefined;
  /**
   * Whether a connection is asked for a sign of life before it is handed out, which costs a round trip: `"never"`, `"idle"`
   * (when it lay for longer than a second) or `"always"`. One whose socket is known to be closed is never handed out. @default "never"
   */
  readonly validate?: Validate | undefined;
  /** How many callers may wait for somebody else's connection; the next is refused at once. @default none */
  readonly maxWaiting?: number | undefined;
  /** How long an attempt to connect may take, and how long the pool waits for a check, a reset or a close. @default 10 */
  readonly connectTimeout?: number | string | undefined;
  /** How many attempts to connect are under way at once. @default 4 */
  readonly connectConcurrency?: number | undefined;
  /** A connection held longer than this is reported by a warning and an event, with the place in the program where it was taken. @default none */
  readonly leakTimeout?: number | string | undefined;
}

const NEVER = Number.POSITIVE_INFINITY;
const VALIDATE: readonly Validate[] = ["never", "idle", "always"];

type Reader = (name: string, value: unknown) => unknown;

const duration: Reader = (name, value) => milliseconds(name, value);
const count: Reader = (name, value) => {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  const given =
    typeof value === "number" || value === null ? String(value) : `a value of type ${typeof value}`;
  throw new OptionError(
    name,
    `The option "${name}" takes a whole number of 1 or more; it was given ${given}.${value === 0 ? zero(name) : ""}`,
  );
};

/** What users give; the floor is for those who make a pool themselves. */
type Read = Omit<PoolOptions, "idleFloor">;

/** `0` has a meaning only for `timeout`; what is meant by it elsewhere is said by leaving the option out. */
function zero(name: string): string {
  if (name === "minConnections") return " Leave it out to keep none open.";
  return name === "maxUses" || name === "maxWaiting" ? " Leave it out for no limit." : "";
}

/** How each option is read, and what it is where the user leaves it out. */
const READERS: { readonly [K in keyof Read]: readonly [Reader, Read[K]] } = {
  maxConnections: [count, 20],
  staleTimeout: [duration, NEVER],
  timeout: [(name, value) => milliseconds(name, value, { zero: true }), undefined],
  minConnections: [count, 0],
  idleTimeout: [duration, NEVER],
  maxLifetime: [duration, NEVER],
  maxUses: [count, NEVER],
  keepalive: [duration, NEVER],
  validate: [
    (name, value) => {
      if (VALIDATE.includes(value as Validate)) return value;
      throw new OptionError(name, `The option "${name}" takes "never", "idle" or "always"${instead(value)}.`);
    },
    "never",
  ],
  maxWaiting: [count, NEVER],
  connectTimeout: [duration, 10_000],
  connectConcurrency: [count, 4],
  leakTimeout: [duration, NEVER],
};

function instead(value: unknown): string {
  return typeof value === "string" ? `, not ${JSON.stringify(value.slice(0, 40))}` : "";
}

/** The names of all options that `parsePoolOptions` takes. */
export const POOL_OPTION_NAMES: readonly string[] = Object.keys(READERS);

/**
 * Reads the pool's options. One that is `undefined` counts as left out.
 *
 * @throws OptionError where an option does not exist (it names the nearest that does) or does not fit
 */
export function parsePoolOptions(raw: Readonly<Record<string, unknown>>): PoolOptions {
  for (const name of Object.keys(raw)) {
    if (Object.hasOwn(READERS, name)) continue;
    const near = nearest(name, POOL_OPTION_NAMES);
    const hint =
      near === undefined ? `Known are ${POOL_OPTION_NAMES.join(", ")}.` : `Did you mean "${near}"?`;
    throw new OptionError(name, `The pool has no option "${name}". ${hint}`);
  }
  const read = <K extends keyof Read>(name: K): Read[K] => {
    const [reader, absent] = READERS[name];
    const value = raw[name];
    return value === undefined ? absent : (reader(name, value) as Read[K]);
  };
  const options: PoolOptions = {
    maxConnections: read("maxConnections"),
    staleTimeout: read("staleTimeout"),
    timeout: read("timeout"),
    minConnections: read("minConnections"),
    idleTimeout: read("idleTimeout"),
    maxLifetime: read("maxLifetime"),
    maxUses: read("maxUses"),
    keepalive: read("keepalive"),
    validate: read("validate"),
    maxWaiting: read("maxWaiting"),
    connectTimeout: read("connectTimeout"),
    connectConcurrency: read("connectConcurrency"),
    leakTimeout: read("leakTimeout"),
  };
  if (options.minConnections > options.maxConnections) {
    throw new OptionError(
      "minConnections",
      `The option "minConnections" is ${options.minConnections}, but "maxConnections" allows only ${options.maxConnections}.`,
    );
  }
  return options;
}
