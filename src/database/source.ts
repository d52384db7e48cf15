import type { Origin } from "../base/origin.ts";
import type { Connection } from "../driver/driver.ts";
import type { Named } from "../pool/loan.ts";

/** A connection on loan. `lost` is set when it was taken away or died. */
export interface Lease {
  readonly item: Connection;
  readonly lost: Error | undefined;
}

/** What a caller asks for. */
export interface LeaseRequest {
  readonly signal?: AbortSignal | undefined;
  /** The loans of the caller's own enclosing scopes, so that waiting for oneself is noticed. */
  readonly enclosing?: readonly Lease[] | undefined;
  /** For one short statement: rather the next connection that comes back than a new one. */
  readonly brief?: boolean | undefined;
  /** Which async context asks, for the errors that name holders. */
  readonly context?: Named | undefined;
}

/** Somebody who receives what he has waited for by a call; see the pool's `Receiver`. */
export interface LeaseReceiver extends LeaseRequest {
  receive(lease: Lease): void;
}

/** Where connections come from: opened for the occasion, or a pool. */
export interface Source {
  /** Where its connections lead. */
  readonly origin: Origin;
  /** One at once where it is at hand. */
  acquire(request: LeaseReceiver): Lease | Promise<Lease | undefined>;
  acquire(request: LeaseRequest): Lease | Promise<Lease>;
  /** Gives it back; settles when it can be lent again or its place is free. */
  release(lease: Lease): void | Promise<void>;
  /** Really closes it. */
  destroy(lease: Lease): Promise<void>;
  /** Closes everything; holders lose what they hold. */
  dispose(): Promise<void>;
}
