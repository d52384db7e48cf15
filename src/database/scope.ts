import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { RequestScope } from "../base/request.ts";
import { sample } from "../base/sample.ts";
import { microtask } from "../base/turn.ts";
import { ConnectionClosedError, TransactionEndedError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Session } from "./session.ts";
import type { Lease, LeaseReceiver } from "./source.ts";

/** Sees to a scope's connection, where that is taken only when a statement asks for it; see `Request`. */
export interface LateOpening {
  /** The connection, where a statement can be sent on it at once. */
  readonly ready: Session | undefined;
  /** Whether all its statements belong to a transaction, be it begun or not. */
  readonly transactional: boolean;
  /** Takes it, or waits until it is there. An abort of `signal` gives up waiting. */
  open(signal: AbortSignal | undefined): Promise<Session>;
}

/**
 * A connection that an async context holds, or is getting. It is the place in which that context is, and the request for the
 * connection, at once: of all that a caller costs, this is what lives as long as the caller waits, and thousands may wait.
 */
export class Scope implements Place, LeaseReceiver {
  readonly outer: Place | undefined;
  #key: ContextKey | undefined;
  /** Set as soon as it is there. */
  session: Session | undefined = undefined;
  /** What was waited for; `null` where it never came. One field for both: while thousands wait, each takes 8 bytes a caller. */
  #lease: Lease | null | undefined = undefined;

  /** @param key where it is to go by one that was there before */
  constructor(outer?: Place, key?: ContextKey) {
    this.outer = outer;
    this.#key = key;
    if (key !== undefined) key.holder = this;
  }

  /** Made when somebody asks for it: hardly anybody does. */
  get key(): ContextKey {
    this.#key ??= new ContextKey(this);
    return this.#key;
  }

  get scope(): Scope {
    return this;
  }

  /** Settles when the connection is there, or could not be had; where somebody may come upon it before. */
  get opening(): Promise<Session> | undefined {
    return undefined;
  }

  /** Sees to the connection where it is taken late. */
  get late(): LateOpening | undefined {
    return undefined;
  }

  /** See the pool's `Receiver`. */
  receive(lease: Lease): void {
    this.#lease = lease;
  }

  /** What was received. */
  get lease(): Lease {
    return this.#lease as Lease;
  }

  /** The connection never came. */
  fail(): void {
    this.#lease = null;
  }

  /** How errors and events call this context. */
  get context(): Scope {
    return this;
  }

  toString(): string {
    return this.key.toString();
  }

  /** The loans of all scopes around this one, boundaries or not. */
  get enclosing(): readonly Lease[] {
    return leasesFrom(this.outer);
  }

  /** The connection, where a statement can be sent on it at once. */
  get ready(): Session | undefined {
    return this.late === undefined ? this.session : this.late.ready;
  }

  /** Gives the connection back; at once, without a promise, where there is nothing to wait for. */
  giveBack(): void | Promise<void> {
    return this.session?.giveBack();
  }

  /** Whether nobody has asked for the connection yet. */
  get untouched(): boolean {
    return this.session === undefined && this.opening === undefined;
  }

  /** Whether the connection was given back, or never came. */
  get ended(): boolean {
    return this.#lease === null || (this.session?.ended ?? false);
  }
}

/** One that others come upon while its connection is being opened. */
export class OpenScope extends Scope {
  turn: number | undefined = undefined;
  #opening: Promise<Session> | undefined = undefined;

  override get opening(): Promise<Session> | undefined {
    return this.#opening;
  }

  override set opening(opening: Promise<Session>) {
    this.#opening = opening;
  }
}

/** One whose connection is taken late. */
export class LateScope extends OpenScope {
  readonly #late: LateOpening;

  constructor(key: ContextKey, late: LateOpening) {
    super(undefined, key);
    this.#late = late;
  }

  override get late(): LateOpening {
    return this.#late;
  }
}

/** Identifies an async context; see `PooledDatabase.connKey`. */
export class ContextKey {
  static #last = 0;
  readonly number = ++ContextKey.#last;
  /** The scope that goes by it, or did last. */
  holder: Scope | undefined;

  constructor(holder?: Scope) {
    this.holder = holder;
  }

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
  readonly turn?: number | undefined;
  /** The request whose place it is. */
  readonly request?: RequestScope & { readonly ended: boolean };
  /** Throws where a statement from here can't be sent, and is not to go elsewhere. */
  check?(): void;
}

/** Inside an `atomic` block. */
class Level implements Place {
  readonly scope: Scope;
  readonly frame: Frame;
  readonly outer: Place | undefined;

  constructor(scope: Scope, frame: Frame, outer: Place | undefined) {
    this.scope = scope;
    this.frame = frame;
    this.outer = outer;
  }

  get key(): ContextKey {
    return this.scope.key;
  }
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
      microtask(() => {
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

  /** Where we are. */
  here(): Place | undefined {
    return this.#storage.getStore();
  }

  /** The place whose connection this context has, or `undefined`. */
  current(here = this.#storage.getStore()): Place | undefined {
    let place = here;
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
    return leasesFrom(this.#live(this.#storage.getStore()));
  }

  /** The key of this context, made where it has none. */
  key(): ContextKey {
    const place = this.#storage.getStore();
    if (place !== undefined && !this.#isNobodys(place)) return place.key;
    const key = new ContextKey();
    this.#storage.enterWith({ key, outer: this.around() });
    return key;
  }

  /** A scope for a connection that is about to be taken here. */
  scope(here: Place | undefined): Scope {
    return here === undefined ? new Scope() : new Scope(this.#live(here), this.#freeKey(here));
  }

  /** The same, for one beside the connection that this context may have. */
  scopeBeside(here: Place | undefined): Scope {
    return new Scope(this.#live(here));
  }

  /** The same, for one that others may come upon while it is being opened. */
  openScope(here = this.#storage.getStore()): OpenScope {
    return here === undefined ? new OpenScope() : new OpenScope(this.#live(here), this.#freeKey(here));
  }

  /** This context's own key, where no connection goes by it. */
  #freeKey(here: Place): ContextKey | undefined {
    if (this.#isNobodys(here) || here.scope?.ended === false) return undefined;
    return here.key.holder?.ended === false ? undefined : here.key;
  }

  /** Makes `scope` the caller's from its next `await` on. */
  enter(scope: OpenScope): void {
    scope.turn = this.#turn.current;
    this.#storage.enterWith(scope);
  }

  /**
   * Makes `scope` the place of an async function that has just been resumed, until it ends. Nobody else is on the stack then,
   * so nothing has to be put back as `run` does it, which costs a second frame with all that the first one holds.
   */
  go(scope: Scope): void {
    this.#storage.enterWith(scope);
  }

  /** Runs `fn` inside an `atomic` block. */
  runFrame<T>(scope: Scope, frame: Frame, fn: () => T): T {
    return this.#storage.run(new Level(scope, frame, this.around()), fn);
  }

  /** Runs `fn` in a context of its own that holds nothing. */
  apart<T>(fn: () => T): T {
    return this.#storage.run({ key: new ContextKey(), outer: this.around(), boundary: true }, fn);
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
    return this.#live(this.#storage.getStore());
  }

  #isNobodys(place: Place): boolean {
    return place.turn !== undefined && this.#turn.is(place.turn);
  }

  /** The nearest place that still means something, so that chains don't grow with the age of a context. */
  #live(here: Place | undefined): Place | undefined {
    let place = here;
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

/** The loans of all scopes from `place` outwards. What `connect()` made in this turn is further in, if anywhere. */
function leasesFrom(place: Place | undefined): readonly Lease[] {
  if (place === undefined) return NONE;
  const leases: Lease[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.outer) {
    const session = at.scope?.session;
    if (session && !session.ended && !leases.includes(session.lease)) leases.push(session.lease);
  }
  return leases;
}

function endedWith(place: Place): Error {
  try {
    place.frame?.check();
  } catch (error) {
    return error as Error;
  }
  return new TransactionEndedError();
}

sample(new Scope());
