import type { EventEmitter } from "node:events";
import { OptionError } from "../../base/error.ts";
import { type PoolOptions, parsePoolOptions } from "../../pool/options.ts";
import type { PgClient, PgClientClass } from "./client.ts";

/** Called with a new client; a promise is awaited, and a failure is the caller's who was to get it. */
export type OnConnect = (client: PgClient & EventEmitter) => unknown;

/** Called with a new client before its first caller gets it; with an error, that caller gets the error. */
export type Verify = (client: PgClient & EventEmitter, done: (error?: Error) => void) => void;

/** pg-pool's options, filled in; whatever else a program gave is here too, for the clients. */
export interface FacadeOptions extends Record<string, unknown> {
  max: number;
  min: number;
  maxUses: number;
  maxLifetimeSeconds: number;
  idleTimeoutMillis: number | null;
  allowExitOnIdle: boolean;
  connectionTimeoutMillis?: number;
  log?: (...messages: unknown[]) => void;
  Promise?: PromiseConstructor;
  Client?: PgClientClass;
  onConnect?: OnConnect;
  verify?: Verify;
  name?: string;
}

/** pg-pool's own numbers: https://node-postgres.com/apis/pool */
const MAX = 10;
const IDLE_MILLIS = 10_000;

/**
 * How many clients a pool opens at once at most, unless `connectConcurrency` says otherwise: as many as pg's own pool has
 * by default, so that a pool of that size fills in one go and a larger one does not greet the server with a storm.
 */
const AT_ONCE = 10;

/** Those of ours that pg-pool does not have, by our names and in our units. */
const FURTHER = ["connectConcurrency", "maxWaiting", "leakTimeout", "keepalive", "validate"] as const;

/** A copy with pg-pool's defaults. What is secret stays readable but is not printed. */
export function fillIn(given: Readonly<Record<string, unknown>> | null | undefined): FacadeOptions {
  const options = { ...given } as Partial<FacadeOptions> & Record<string, unknown>;
  // Given by a pool's own options, where it is hidden, it is not in the copy.
  if (given && "password" in given) {
    options.password = given.password;
    hide(options, "password");
  }
  const { ssl } = options;
  if (typeof ssl === "object" && ssl !== null && "key" in ssl) hide(ssl, "key");
  const { max, poolSize, min, maxUses, maxLifetimeSeconds, idleTimeoutMillis } = options;
  return Object.assign(options, {
    max: size(max || poolSize || MAX),
    min: min || 0,
    maxUses: maxUses || Number.POSITIVE_INFINITY,
    maxLifetimeSeconds: maxLifetimeSeconds || 0,
    allowExitOnIdle: options.allowExitOnIdle || false,
    idleTimeoutMillis: idleTimeoutMillis === undefined ? IDLE_MILLIS : idleTimeoutMillis,
  });
}

function size(max: unknown): number {
  const number = Math.ceil(Number(max));
  if (number >= 1) return number;
  throw new OptionError("max", 'The option "max" takes a number of clients, 1 or more.');
}

function hide(object: object, name: string): void {
  const seen = Object.getOwnPropertyDescriptor(object, name);
  if (seen?.configurable) Object.defineProperty(object, name, { ...seen, enumerable: false });
}

/** The same for the pool underneath. pg-pool's `0` and `null` mean "no limit". */
export function limitsOf(options: FacadeOptions): PoolOptions {
  const further = Object.fromEntries(FURTHER.map((name) => [name, options[name]]));
  const forever = Number.POSITIVE_INFINITY;
  const wait = Number(options.connectionTimeoutMillis) || 0;
  const idle = Number(options.idleTimeoutMillis);
  return {
    ...parsePoolOptions({ connectConcurrency: Math.min(options.max, AT_ONCE), ...defined(further) }),
    maxConnections: options.max,
    // pg's `min` opens nothing ahead: it only keeps what is there from ending by `idleTimeoutMillis`.
    minConnections: 0,
    idleFloor: Math.min(Number(options.min), options.max),
    // Node.js's timers may come a millisecond before their time, which must not cost another round.
    idleTimeout: idle > 0 ? idle - 1 : forever,
    maxLifetime: Number(options.maxLifetimeSeconds) * 1000 || forever,
    maxUses: Number(options.maxUses),
    timeout: wait,
    // pg's clients give up by themselves when it is time; this is for others.
    connectTimeout: wait * 2 || forever,
  };
}

function defined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
