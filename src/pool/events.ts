import { type Channel, channel } from "node:diagnostics_channel";
import type { Origin } from "../base/origin.ts";
import type { CloseReason, Refusal } from "./orders.ts";

/** The numbers at the moment of an event. */
export interface PoolCounts {
  readonly open: number;
  readonly idle: number;
  readonly inUse: number;
  readonly connecting: number;
  readonly waiting: number;
}

/** What all messages carry. Durations are milliseconds. */
export interface PoolEvent extends PoolCounts {
  /** The pool's name. */
  readonly pool: string;
  /** Where its connections lead; the same object as the database object's `origin`, so that pools of one name can be told apart. */
  readonly origin: Origin | undefined;
  readonly max: number;
}

/** `acquire`: a connection was lent, after so long. */
export interface AcquireEvent extends PoolEvent {
  readonly waited: number;
  readonly context: string | undefined;
}

/** `release`: it was given back (or taken away), after being held so long. */
export interface ReleaseEvent extends PoolEvent {
  readonly held: number;
  readonly context: string | undefined;
}

/** `connect`: an attempt to connect has ended; `error` where it failed. */
export interface ConnectEvent extends PoolEvent {
  readonly took: number;
  readonly error: unknown;
}

/** `close`: a connection is being closed. */
export interface CloseEvent extends PoolEvent {
  readonly why: CloseReason;
  /** How long it was open. */
  readonly age: number;
}

/** `wait`: somebody has to wait. */
export interface WaitEvent extends PoolEvent {
  readonly context: string | undefined;
}

/** `timeout`: somebody was refused, after so long. */
export interface TimeoutEvent extends PoolEvent {
  readonly waited: number;
  readonly why: Refusal;
  readonly context: string | undefined;
}

/** `leak`: a connection has been held longer than `leakTimeout`. */
export interface LeakEvent extends PoolEvent {
  readonly held: number;
  readonly context: string | undefined;
  /** Where it was taken, where that was recorded. */
  readonly stack: string | undefined;
}

/**
 * What the pool tells through `node:diagnostics_channel`, under `apocryphan:pool:<name>`. Costs nothing while nobody
 * listens: a message is made only for a channel that has a subscriber. A subscriber may use the pool.
 */
export const channels = {
  acquire: channel("apocryphan:pool:acquire"),
  release: channel("apocryphan:pool:release"),
  connect: channel("apocryphan:pool:connect"),
  close: channel("apocryphan:pool:close"),
  wait: channel("apocryphan:pool:wait"),
  timeout: channel("apocryphan:pool:timeout"),
  leak: channel("apocryphan:pool:leak"),
} satisfies Record<string, Channel>;
