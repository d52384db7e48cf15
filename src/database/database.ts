import { type Lends, lends } from "../base/ask.ts";
import { AbortError, OptionError } from "../base/error.ts";
import type { Origin } from "../base/origin.ts";
import { type RequestScope, type RequestTerms, requests } from "../base/request.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Result } from "../driver/driver.ts";
import type { Alone } from "./alone.ts";
import type { Call } from "./call.ts";
import type { Connector } from "./connector.ts";
import { type DedicatedOptions, dedicated } from "./dedicated.ts";
import { DirectSource } from "./direct-source.ts";
import { NoConnectionError } from "./errors.ts";
import type { Foundation } from "./foundation.ts";
import { Handle } from "./handle.ts";
import type { Multiplexer } from "./multiplex/multiplexer.ts";
import { Request } from "./request.ts";
import { type OpenScope, type Place, Scope, Scopes } from "./scope.ts";
import { isGivenUp, Session } from "./session.ts";
import type { Lease, Source } from "./source.ts";
import { type AnyRow, Statements } from "./statements.ts";
import { type AtomicOptions, checkAtomicOptions, runAtomic } from "./transaction.ts";

/** What `connect` and `withConnection` take. */
export interface ConnectOptions {
  /** Gives up waiting: the caller gets an `AbortError`, and nothing is held for it any more. */
  readonly signal?: AbortSignal | undefined;
}

/** What `withConnection` takes. */
export interface ScopeOptions extends ConnectOptions {
  /** Takes a connection of its own although the context holds one already. @default false */
  readonly fresh?: boolean | undefined;
}

/** For whom nothing has to be waited for, but who goes on as one who waits. */
const READY = Promise.resolve(undefined);
const NO_OPTIONS: ScopeOptions = {};
const CONNECT_OPTIONS = ["signal"];
const SCOPE_OPTIONS = ["signal", "fresh"];

/** @throws OptionError before anything is taken */
function checkScopeOptions(owner: string, options: ScopeOptions, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new OptionError("options", `What ${owner} takes as its options is an object such as { signal }.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(owner, name, known, MORE);
  }
  const { signal, fresh } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new OptionError("signal", 'The option "signal" takes an AbortSignal.');
  if (fresh !== undefined && typeof fresh !== "boolean")
    throw new OptionError("fresh", 'The option "fresh" takes true or false.');
}

const MORE = " How long to wait for a connection is the pool's timeout.";

/**
 * A database. Each async context has a connection of its own, found again by everything it awaits; statements run on it.
 * Made through `PostgreSQLDatabase`, `MySQLDatabase` or `SQLiteDatabase`, or their pooled sisters in `apocryphan/pool`.
 */
export abstract class Database extends Statements implements Lends {
  protected readonly knowledge: Dialect;
  /** Where connections come from. */
  protected readonly source: Source;
  protected readonly scopes = new Scopes();
  readonly #connector: Connector;
  readonly #single: boolean;
  readonly #multiplexer: Multiplexer | undefined;
  readonly #alone: Alone | undefined;
  /** Whether a statement outside a connection takes one by itself. */
  readonly autoconnect: boolean;

  /** @internal */
  constructor({ dialect, source, connector, autoconnect, single = false, multiplexer, alone }: Foundation) {
    super();
    this.knowledge = dialect;
    this.source = source;
    this.#connector = connector;
    this.#single = single;
    this.#multiplexer = multiplexer;
    this.#alone = alone;
    this.autoconnect = autoconnect;
  }

  get origin(): Origin {
    return this.source.origin;
  }

  /** This async context's connection. @throws NoConnectionError where there is none */
  get conn(): Handle {
    const scope = this.scopes.current()?.scope;
    if (scope?.ready === undefined) throw new NoConnectionError("conn");
    return this.#handle(scope, scope.ready, false);
  }

  /** Whether this async context is inside an `atomic` block. */
  get isTrans(): boolean {
    const place = this.scopes.current();
    return place?.frame === undefined ? (place?.scope?.late?.transactional ?? false) : !place.frame.finished;
  }

  /**
   * Opens this async context's connection (a pool lends one), or gives the one that it holds already. It is the context's
   * until `close()`. Calls made side by side in one synchronous turn get a connection each; otherwise a caller shares what
   * a function it called opened before its first `await`. `withConnection` is the safer form.
   *
   * @throws ConnectError naming host and port; AbortError; and with a pool MaxConnectionsExceededError, PoolDeadlockError
   * or PoolClosedError
   */
  connect(options: ConnectOptions = NO_OPTIONS): Promise<Handle> {
    if (options !== NO_OPTIONS) {
      try {
        checkScopeOptions("connect", options, CONNECT_OPTIONS);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const here = this.scopes.here();
    const held = this.#held(here);
    if (held !== undefined) {
      return this.#opened(held, options.signal).then((session) => this.#handle(held, session, true));
    }
    const scope = this.scopes.openScope(here);
    const opening = this.#open(scope, options.signal);
    // Entered at once and not after waiting, since only what happens in the caller's own turn changes its context.
    this.scopes.enter(scope);
    return opening.then((session) => this.#handle(scope, session, false));
  }

  /**
   * Closes this async context's connection (a pool takes it back). `true`, or `false` where there is none. Settles when
   * the connection can be lent again or its place is free. An open transaction is rolled back.
   */
  async close(): Promise<boolean> {
    return this.end("release");
  }

  /**
   * Runs `fn` with a connection, and gives it back when `fn` is done or throws. Where this context holds one already, that
   * is used and left as it is, unless `fresh` asks for another.
   *
   * @throws what `connect` throws, and what `fn` throws
   */
  withConnection<T>(
    fn: (connection: Handle) => T | PromiseLike<T>,
    options: ScopeOptions = NO_OPTIONS,
  ): Promise<T> {
    try {
      if (options !== NO_OPTIONS) checkScopeOptions("withConnection", options, SCOPE_OPTIONS);
      if (typeof fn !== "function")
        throw new OptionError("fn", "withConnection takes a function, which it runs with a connection.");
    } catch (error) {
      return Promise.reject(error);
    }
    const here = this.scopes.here();
    const held = options.fresh ? undefined : this.#held(here);
    if (held !== undefined) return this.#share(held, fn, options.signal);
    const scope = options.fresh ? this.scopes.scopeBeside(here) : this.scopes.scope(here);
    return this.#run(scope, fn, this.#ask(scope, options.signal));
  }

  /** Runs `fn` with the connection that is there. */
  async #share<T>(
    scope: Scope,
    fn: (connection: Handle) => T | PromiseLike<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return fn(this.#handle(scope, await this.#opened(scope, signal), true));
  }

  /**
   * Runs `fn` with a connection of its own. By itself, and with no more in it than there must be, since thousands may wait
   * here, and all that an async function ever has in hand takes room while it waits, at 8 bytes each.
   */
  async #run<T>(
    scope: Scope,
    fn: (connection: Handle) => T | PromiseLike<T>,
    asked: Lease | Promise<Lease | undefined>,
  ): Promise<T> {
    let waited: Lease | undefined;
    try {
      // `await` makes a promise of what is none, which was a seventh of all that a scope costs.
      waited = await (asked instanceof Promise ? asked : READY);
    } catch (error) {
      scope.fail();
      throw error;
    }
    // Outside of `try`, in which the engine has objects made by a call: that is a twentieth of all, and 16 bytes for each who waits.
    const handle = this.#enter(scope, waited ?? (asked instanceof Promise ? scope.lease : asked));
    try {
      return await fn(handle);
    } finally {
      const settled = scope.giveBack();
      if (settled !== undefined) await settled;
    }
  }

  /** Runs `fn` in an async context of its own, which holds no connection yet and shares none with its caller. */
  context<T>(fn: () => T): T {
    return this.scopes.apart(fn);
  }

  /**
   * Runs `fn` in a transaction: committed when `fn` is done, rolled back when it throws; the error is thrown on. Inside
   * another `atomic` it is a savepoint. Blocks started side by side on one connection run one after the other, and a
   * statement issued outside of a block never runs inside it. MySQL commits by itself at `create table` and its like
   * (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html).
   *
   * @throws NoConnectionError where the context has no connection and `autoconnect` is off; TransactionAbortedError where
   * a failed statement was caught inside and the transaction could not be committed; what `fn` throws
   */
  async atomic<T>(fn: (connection: Handle) => T | PromiseLike<T>, options: AtomicOptions = {}): Promise<T> {
    checkAtomicOptions(fn, options);
    const place = this.scopes.forStatement();
    if (place?.scope === undefined) {
      if (!this.autoconnect) throw new NoConnectionError("atomic");
      return this.withConnection((connection) => connection.atomic(fn, options));
    }
    const { scope } = place;
    const session = scope.ready ?? (await this.#opened(scope));
    return runAtomic({
      session,
      frame: place.frame ?? session.root,
      dialect: this.knowledge,
      options,
      enter: async (frame) =>
        this.scopes.runFrame(scope, frame, () => fn(this.#handle(scope, session, true))),
    });
  }

  /** Closes everything this object has opened; who still holds a connection gets `ConnectionLostError` at its next use. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.dispose();
  }

  /** See `base/ask.ts`. @internal */
  async [lends]<T>(fn: (connection: Handle) => Promise<T>, signal?: AbortSignal): Promise<T> {
    // What comes from a block that has ended is refused rather than run outside.
    this.scopes.forStatement();
    return this.withConnection(fn, { signal });
  }

  /** See `openDedicated`. @internal */
  async [dedicated](change: DedicatedOptions): Promise<Handle> {
    const { signal = new AbortController().signal, ...different } = change;
    const item = await this.#connector.open(signal, different);
    const source = new DirectSource(this.#connector);
    const session = new Session(source, source.adopt(item), this.knowledge.name === "sqlite");
    const scope = new Scope();
    scope.session = session;
    return this.#handle(scope, session, false);
  }

  /** The request that is being answered here, or a new one; see `base/request.ts`. @internal */
  [requests](terms: RequestTerms): { readonly scope: RequestScope; readonly isNew: boolean } {
    const around = this.scopes.request();
    if (around !== undefined) {
      if (terms.transaction !== undefined) around.useTransaction(terms.transaction);
      return { scope: around, isNew: false };
    }
    const { scopes, knowledge: dialect, autoconnect } = this;
    const open = (scope: OpenScope, signal: AbortSignal): Promise<Session> => this.#open(scope, signal);
    return { scope: new Request({ scopes, dialect, autoconnect, open }, terms), isNew: true };
  }

  protected shown(): Readonly<Record<string, unknown>> {
    const { dialect, origin, autoconnect } = this;
    return { dialect, origin, autoconnect };
  }

  /** Ends this context's connection. */
  protected async end(how: "release" | "destroy"): Promise<boolean> {
    const scope = this.scopes.current()?.scope;
    if (scope === undefined || scope.untouched) return false;
    const session = await this.#opened(scope).catch(() => undefined);
    return session === undefined ? false : session.end(how);
  }

  protected perform(call: Call): Result | Promise<Result> {
    const place = this.scopes.forStatement();
    if (place?.scope !== undefined) return this.#performIn(place, place.scope, call);
    if (!this.autoconnect) throw new NoConnectionError("A statement");
    return this.#multiplexed(call) ?? this.#runAlone(call) ?? this.#runApart(call);
  }

  async #performIn(place: Place, scope: Scope, call: Call): Promise<Result> {
    const session = scope.ready ?? (await this.#opened(scope, call.signal));
    return session.execute(place.frame ?? session.root, call);
  }

  /** What the statement gives where it can share a connection with others; one that may be given up can't. */
  #multiplexed({ statement, signal, timeout }: Call): Promise<Result> | undefined {
    const multiplexer = this.#multiplexer;
    if (multiplexer === undefined || signal !== undefined || timeout !== undefined) return undefined;
    const known = multiplexer.texts.of(statement.text);
    if (known.company === "apart") return undefined;
    return multiplexer.run(statement, known, () => this.scopes.enclosing());
  }

  /** Runs a statement by the shortest way there is to a connection of its own, where it won't be given up. */
  #runAlone({ statement, signal, timeout }: Call): Result | Promise<Result> | undefined {
    if (this.#alone === undefined || signal !== undefined || timeout !== undefined) return undefined;
    return this.#alone.run(statement, this.scopes);
  }

  /** Runs a statement on a connection of its own. */
  async #runApart(call: Call): Promise<Result> {
    const session = await this.#occasional("A statement", call.signal);
    let givenUp = false;
    try {
      return await session.execute(session.root, call);
    } catch (error) {
      givenUp = isGivenUp(error);
      throw error;
    } finally {
      const ended = session.end("release");
      // Who has stopped waiting is not made to wait for the connection, which comes back when the server has answered.
      if (!givenUp) await ended;
    }
  }

  protected async *flow(call: Call): AsyncIterableIterator<AnyRow[]> {
    const place = this.scopes.forStatement();
    if (place?.scope !== undefined) {
      const session = place.scope.ready ?? (await this.#opened(place.scope, call.signal));
      yield* session.stream(place.frame ?? session.root, call);
      return;
    }
    const session = await (this.#single ? this.#ambient() : this.#occasional("A cursor", call.signal));
    let givenUp = false;
    try {
      yield* session.stream(session.root, call);
    } catch (error) {
      givenUp = isGivenUp(error);
      throw error;
    } finally {
      const ended = session.end("release");
      if (!givenUp) await ended;
    }
  }

  /**
   * Where there is only one connection, a statement in a cursor's loop would wait for ever for the loop's own; so that
   * becomes the connection of the context in which the loop runs.
   */
  #ambient(): Promise<Session> {
    if (!this.autoconnect) throw new NoConnectionError("A cursor");
    const scope = this.scopes.openScope();
    const opening = this.#open(scope, undefined);
    this.scopes.enter(scope);
    return opening;
  }

  /** A connection for one statement. */
  async #occasional(what: string, signal: AbortSignal | undefined): Promise<Session> {
    if (!this.autoconnect) throw new NoConnectionError(what);
    if (signal?.aborted) throw new AbortError(what, { cause: signal.reason });
    const enclosing = this.scopes.enclosing();
    const lease = await this.source.acquire({ signal, enclosing, brief: true });
    return this.#session(lease);
  }

  /** Starts opening `scope`'s connection. */
  #open(scope: OpenScope, signal: AbortSignal | undefined): Promise<Session> {
    const opening = this.#acquire(scope, signal);
    scope.opening = opening;
    // Whoever awaits it hears of its failure; one that nobody awaits is not to end the process.
    opening.catch(() => {});
    return opening;
  }

  async #acquire(scope: Scope, signal: AbortSignal | undefined): Promise<Session> {
    try {
      const loan = this.#ask(scope, signal);
      return this.#begin(scope, loan instanceof Promise ? ((await loan) ?? scope.lease) : loan);
    } catch (error) {
      scope.fail();
      throw error;
    }
  }

  /** From here on a scope has its connection, and an async function that has just been resumed is in it. */
  #enter(scope: Scope, lease: Lease): Handle {
    const session = this.#begin(scope, lease);
    this.scopes.go(scope);
    return this.#handle(scope, session, false);
  }

  /** Asks for a scope's connection. */
  #ask(scope: Scope, signal: AbortSignal | undefined): Lease | Promise<Lease | undefined> {
    if (signal === undefined) return this.source.acquire(scope);
    if (signal.aborted) return Promise.reject(new AbortError("connect", { cause: signal.reason }));
    return this.source.acquire({ signal, enclosing: scope.enclosing, context: scope });
  }

  #begin(scope: Scope, lease: Lease): Session {
    const session = this.#session(lease);
    scope.session = session;
    return session;
  }

  async #opened(scope: Scope, signal?: AbortSignal): Promise<Session> {
    if (scope.late !== undefined) return scope.ready ?? scope.late.open(signal);
    return scope.session ?? (scope.opening as Promise<Session>);
  }

  /** The scope whose connection this context has. One that is gone for good is ended here, so that another may take its place. */
  #held(here: Place | undefined): Scope | undefined {
    if (here === undefined) return undefined;
    const scope = this.scopes.current(here)?.scope;
    if (scope?.session?.lease.lost === undefined || this.isTrans) return scope;
    void scope.session.end("destroy");
    return scope.late === undefined ? undefined : this.scopes.current(here)?.scope;
  }

  #session(lease: Lease): Session {
    return new Session(this.source, lease, this.knowledge.name === "sqlite");
  }

  #handle(scope: Scope, session: Session, nested: boolean): Handle {
    return new Handle(this.knowledge, this.scopes, scope, session, nested);
  }
}
