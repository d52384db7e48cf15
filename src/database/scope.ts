import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { RequestScope } from "../base/request.ts";
import { ConnectionClosedError, TransactionEndedError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Session } from "./session.ts";
import type { Lease } from "./source.ts";

/** Sees to a scope's connection, where that is taken only when a statement asks for it; see `Request`. */
export interface LateOpening {
  /** The connection, where a statement can be sent on it at once. */
  readonly ready: Session | undefined;
  /** Whether all its statements belong to a transaction, be it begun or not. */
  readonly transactional: boolean;
  /** Takes it, or waits until it is there. An abort of `signal` gives up waiting. */
  open(signal: AbortSignal | undefined): Promise<Session>;
}

/** A connection that an async context holds, or is getting. */
export class Scope {
  readonly key: ContextKey;
  /** Present where it is taken late. */
  readonly late: LateOpening | undefined;
  /** Set as soon as it is there. */
  session: Session | undefined;
  /** Settles when the connection is there, or could not be had. */
  opening: Promise<Session> | undefined;
  failed = false;

  constructor(key: ContextKey, late?: LateOpening) {
    this.key = key;
    this.late = late;
    key.holder = this;
  }

  /** The connection, where a statement can be sent on it at once. */
  get ready(): Session | undefined {
    return this.late === undefined ? this.session : this.late.ready;
  }

  /** Whether nobody has asked for the connection yet. */
  get untouched(): boolean {
    return this.session === undefined && this.opening === undefined;
  }

  /** Whether the connection was given back, or never came. */
  get ended(): boolean {
    return this.failed || (this.session?.ended ?? false);
  }
}

/** Identifies an async context; see `PooledDatabase.connKey`. */
export class ContextKey {
  static #last = 0;
  readonly number = ++ContextKey.#last;
  /** The scope that goes by it, or did last. */
  holder: Scope | undefined;

  toString(): string {
    return `context ${this.number}`;
  }

  /** A connection is behind it, which is not to be seen in a log. @internal */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [inspect.custom](): string {
    return `[${this}]`;
  }
}

/** Where in the program we are: what the async context holds. Immutable; a new one for each scope and each `atomic`. */
export interface Place {
  readonly key: ContextKey;
  readonly scope?: Scope | undefined;
  /** The innermost `atomic` block on the scope's connection. */
  readonly frame?: Frame | undefined;
  readonly outer?: Place | undefined;
  /** What is further out is not seen from here, though it is still held. */
  readonly boundary?: boolean;
  /** The synchronous turn in which `connect()` made it; see `Turn`. */
  readonly turn?: number;
  /** The request whose place it is. */
  readonly request?: RequestScope & { readonly ended: boolean };
  /** Throws where a statement from here can't be sent, and is not to go elsewhere. */
  check?(): void;
}

/**
 * Counts synchronous turns. `connect()` changes the context of whoever called it, and of everything that caller goes on
 * to call in the same turn: in `Promise.all([f(), g()])` the context that `f` made would be found by `g`. What was made
 * in the turn that is still going on is therefore nobody's yet; the first `await` makes it its caller's own.
 */
class Turn {
  #number = 0;
  #ends = false;

  get current(): number {
    if (!this.#ends) {
      this.#ends = true;
      queueMicrotask(() => {
        this.#number++;
        this.#ends = false;
      });
    }
    return this.#number;
  }

  /** Whether that turn is still going on. Never starts counting a new one. */
  is(turn: number): boolean {
    return this.#ends && this.#number === turn;
  }
}

const NONE: readonly Lease[] = [];

/** All that is ambient: which connection belongs to which async context. One for each database object. */
export class Scopes {
  readonly #storage = new AsyncLocalStorage<Place>();
  readonly #turn = new Turn();

  /** The place whose connection this context has, or `undefined`. */
  current(): Place | undefined {
    let place = this.#storage.getStore();
    while (
      place !== undefined &&
      (place.scope === undefined || place.scope.ended || this.#isNobodys(place))
    ) {
      if (place.boundary) return undefined;
      place = place.outer;
    }
    return place;
  }

  /**
   * The place in which a statement is to run.
   *
   * @throws TransactionEndedError or ConnectionClosedError where the statement comes from an `atomic` block that can't
   * take it: running it outside would break the block's promise
   */
  forStatement(): Place | undefined {
    let place = this.#storage.getStore();
    while (place !== undefined) {
      if (!this.#isNobodys(place)) {
        place.check?.();
        if (place.frame?.finished) throw place.scope?.ended ? endedWith(place) : new TransactionEndedError();
        if (place.frame !== undefined && place.scope?.ended) throw new ConnectionClosedError();
        if (place.scope !== undefined && !place.scope.ended) return place;
        if (place.boundary) return undefined;
      }
      place = place.outer;
    }
    return undefined;
  }

  /** The innermost place in which this context uses `session`, so that a handle finds the `atomic` block it is used in. */
  within(session: Session): Place | undefined {
    let place = this.#storage.getStore();
    while (place !== undefined && place.scope?.session !== session) place = place.outer;
    return place;
  }

  /** The loans of all scopes around this place, boundaries or not. */
  enclosing(): readonly Lease[] {
    const store = this.#storage.getStore();
    if (store === undefined) return NONE;
    const leases: Lease[] = [];
    for (let place: Place | undefined = store; place !== undefined; place = place.outer) {
      const session = this.#isNobodys(place) ? undefined : place.scope?.session;
      if (session && !session.ended && !leases.includes(session.lease)) leases.push(session.lease);
    }
    return leases;
  }

  /** The key of this context, made where it has none. */
  key(): ContextKey {
    const place = this.#storage.getStore();
    if (place !== undefined && !this.#isNobodys(place)) return place.key;
    const key = new ContextKey();
    this.#storage.enterWith({ key, outer: this.#live() });
    return key;
  }

  /** A key for a scope that is about to be made here: this context's own where no connection goes by it. */
  freshKey(): ContextKey {
    const place = this.#storage.getStore();
    const free = place !== undefined && !this.#isNobodys(place) && (place.key.holder?.ended ?? true);
    return free ? place.key : new ContextKey();
  }

  /** Makes `scope` the caller's from its next `await` on. */
  enter(scope: Scope): void {
    const { key } = scope;
    this.#storage.enterWith({ key, scope, outer: this.#live(), turn: this.#turn.current });
  }

  /** Runs `fn` with `scope`, and gives it `value`. */
  run<V, T>(scope: Scope, fn: (value: V) => T, value: V): T {
    return this.#storage.run({ key: scope.key, scope, outer: this.#live() }, fn, value);
  }

  /** Runs `fn` inside an `atomic` block. */
  runFrame<T>(scope: Scope, frame: Frame, fn: () => T): T {
    return this.#storage.run({ key: scope.key, scope, frame, outer: this.#live() }, fn);
  }

  /** Runs `fn` in a context of its own that holds nothing. */
  apart<T>(fn: () => T): T {
    return this.#storage.run({ key: new ContextKey(), outer: this.#live(), boundary: true }, fn);
  }

  /** Runs `fn` in `place`; just runs it where that is where we are. */
  at<T>(place: Place, fn: () => T): T {
    for (let here = this.#storage.getStore(); here !== undefined; here = here.outer) {
      if (here === place) return fn();
    }
    return this.#storage.run(place, fn);
  }

  /** The request that is being answered here. */
  request(): RequestScope | undefined {
    let place = this.#storage.getStore();
    while (place !== undefined && place.request === undefined && place.boundary !== true) place = place.outer;
    return place?.request?.ended ? undefined : place?.request;
  }

  /** What is around a place that is about to be made here. */
  around(): Place | undefined {
    return this.#live();
  }

  #isNobodys(place: Place): boolean {
    return place.turn !== undefined && this.#turn.is(place.turn);
  }

  /** The nearest place that still means something, so that chains don't grow with the age of a context. */
  #live(): Place | undefined {
    let place = this.#storage.getStore();
    while (
      place !== undefined &&
      place.boundary !== true &&
      place.frame === undefined &&
      (place.scope === undefined || place.scope.ended || this.#isNobodys(place))
    ) {
      place = place.outer;
    }
    return place;
  }
}

function endedWith(place: Place): Error {
  try {
    place.frame?.check();
  } catch (error) {
    return error as Error;
  }
  return new TransactionEndedError();
}
