/** When the connection is asked for a sign of life, at the price of a round trip, before it is lent. */
export type Validate = "never" | "idle" | "always";

/** The numbers the machine decides by. Durations are milliseconds; `Infinity` where there is no limit. */
export interface Limits {
  /** How many connections there may be at any moment, those being opened and closed included. */
  readonly maxConnections: number;
  /** How many are kept open although nobody needs them. */
  readonly minConnections: number;
  /** A connection opened longer ago than this is neither lent nor taken back. */
  readonly staleTimeout: number;
  /** The same, made up to a tenth shorter by chance for each connection, so that they don't all end at once. */
  readonly maxLifetime: number;
  /** Closed after so long without use, unless that would leave fewer than `idleFloor`. */
  readonly idleTimeout: number;
  /** How many `idleTimeout` leaves alone; none is opened for it. @default minConnections */
  readonly idleFloor?: number | undefined;
  /** Closed after being lent so often. */
  readonly maxUses: number;
  /** Asked for a sign of life after so long without use. */
  readonly keepalive: number;
  readonly validate: Validate;
  /** How many callers may wait for somebody else's connection. */
  readonly maxWaiting: number;
  /** How many attempts to connect are under way at once. */
  readonly connectConcurrency: number;
  /** A connection held longer than this is reported. */
  readonly leakTimeout: number;
}
