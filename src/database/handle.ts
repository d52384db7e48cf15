import {
  type Answer,
  type Asked,
  type Asks,
  asks,
  type Block,
  type BlockTerms,
  begins,
  levels,
  stands,
  streams,
} from "../base/ask.ts";
import type { Origin } from "../base/origin.ts";
import { sample } from "../base/sample.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Ran, Result, Standing } from "../driver/driver.ts";
import { asCall, type Call } from "./call.ts";
import { Frame } from "./frame.ts";
import { inOneGo } from "./in-one-go.ts";
import { OpenBlock } from "./open-block.ts";
import type { Scope, Scopes } from "./scope.ts";
import type { Session } from "./session.ts";
import { heard } from "./statement-events.ts";
import { type AnyRow, Statements } from "./statements.ts";
import { type AtomicOptions, checkAtomicOptions, runAtomic } from "./transaction.ts";

/**
 * A connection in somebody's hands: the statement methods, on just this connection, from whatever async context they are
 * called. A statement that comes from inside an `atomic` block of this connection runs in that block.
 *
 * Once the connection was given back, every method throws `ConnectionClosedError`; where it broke or was taken away,
 * `ConnectionLostError`.
 */
export class Handle extends Statements implements Asks {
  protected readonly knowledge: Dialect;
  readonly #scopes: Scopes;
  readonly #scope: Scope;
  readonly #session: Session;
  readonly #nested: boolean;

  /** @internal */
  constructor(knowledge: Dialect, scopes: Scopes, scope: Scope, session: Session, nested: boolean) {
    super();
    this.knowledge = knowledge;
    this.#scopes = scopes;
    this.#scope = scope;
    this.#session = session;
    this.#nested = nested;
  }

  get origin(): Origin {
    return this.#session.origin;
  }

  /** The client library's own connection: pg's `Client`, mysql2's or mariadb's `Connection`, the SQLite database. */
  get raw(): unknown {
    this.#session.check();
    return this.#session.connection.raw;
  }

  /** Whether the code that asks is inside an `atomic` block of this connection. */
  get isTrans(): boolean {
    return this.frameHere().depth > 0;
  }

  /** Runs `fn` in a transaction on this connection; see `Database.atomic`. */
  async atomic<T>(fn: (connection: Handle) => T | PromiseLike<T>, options: AtomicOptions = {}): Promise<T> {
    checkAtomicOptions(fn, options);
    return runAtomic({
      session: this.#session,
      frame: this.frameHere(),
      dialect: this.knowledge,
      options,
      enter: async (frame) => this.#scopes.runFrame(this.#scope, frame, () => fn(this)),
    });
  }

  /**
   * Gives the connection back (without a pool: closes it), from whatever async context. `true`, or `false` where that was
   * done before. Settles when the connection can be lent again or its place is free. Statements under way are awaited;
   * an open transaction is rolled back.
   */
  close(): Promise<boolean> {
    return this.#session.end("release");
  }

  /** What `await using` calls at the end of its block: `close()`, or nothing where `connect()` gave the connection of a scope further out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#nested) await this.close();
  }

  protected shown() {
    const { dialect, origin, isTrans } = this;
    return { dialect, origin, isTrans, open: !this.#session.ended };
  }

  /** See `base/ask.ts`. @internal */
  get [stands](): Standing {
    return this.#session.connection.standing;
  }

  /** See `base/ask.ts`. @internal */
  get [levels](): Frame {
    return this.frameHere();
  }

  /** See `base/ask.ts`. @internal */
  [asks](asked: Asked): Promise<Answer> {
    const call = asCall(asked, this.knowledge);
    const frame = this.levelOf(asked);
    return this.telling(call, () => this.#session.execute(frame, call));
  }

  /** See `base/ask.ts`. @internal */
  [streams](asked: Asked): AsyncIterableIterator<AnyRow[]> {
    const call = asCall(asked, this.knowledge);
    const frame = this.levelOf(asked);
    return this.tellingFlow(call, () => this.#session.stream(frame, call));
  }

  /** See `base/ask.ts`. @internal */
  [begins](terms: BlockTerms): Block {
    return new OpenBlock({
      atomic: (fn) => this.atomic(fn, terms),
      frame: () => this.frameHere(),
      runIn: (frame, fn) => this.#scopes.runFrame(this.#scope, frame, fn),
    });
  }

  /** See `in-one-go.ts`. @internal */
  [inOneGo](texts: readonly string[]): Ran | undefined {
    // Who listens is told of each statement by itself.
    return heard() ? undefined : this.#session.runAll(this.frameHere(), texts);
  }

  protected perform(call: Call): Promise<Result> {
    return this.#session.execute(this.frameHere(), call);
  }

  protected flow(call: Call): AsyncIterableIterator<AnyRow[]> {
    return this.#session.stream(this.frameHere(), call);
  }

  private levelOf({ level }: Asked): Frame {
    const here = this.frameHere();
    return level instanceof Frame && !here.isWithin(level) ? level : here;
  }

  private frameHere(): Frame {
    return this.#scopes.within(this.#session)?.frame ?? this.#session.root;
  }
}

sample(new Handle(undefined as never, undefined as never, undefined as never, undefined as never, false));
