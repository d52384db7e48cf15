import { AbortError } from "../base/error.ts";
import type { RequestScope, RequestTerms, RequestTransaction } from "../base/request.ts";
import { afterTurn } from "../base/turn.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { RequestEndedError, type RequestEnding } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { limited } from "./limit.ts";
import { OpenBlock } from "./open-block.ts";
import { ContextKey, type LateOpening, LateScope, type OpenScope, type Place, type Scopes } from "./scope.ts";
import type { Session } from "./session.ts";
import { runAtomic } from "./transaction.ts";

/** What a request needs of its database object. */
export interface RequestParts {
  readonly scopes: Scopes;
  readonly dialect: Dialect;
  /** Whether a statement outside a connection takes one by itself. */
  readonly autoconnect: boolean;
  /** Takes a connection for `scope`. */
  open(scope: OpenScope, signal: AbortSignal): Promise<Session>;
}

/**
 * One request's hold on a database. It is the place in which the request's statements run, and it opens that place's connection when
 * the first of them asks for one. `db.close()` gives the connection back early; the next statement takes one again, unless there was
 * a transaction, which can't go on over two connections.
 */
export class Request implements Place, LateOpening, RequestScope {
  readonly key = new ContextKey();
  readonly boundary = true;
  readonly request = this;
  readonly outer: Place | undefined;
  readonly #parts: RequestParts;
  readonly #cancel: boolean;
  #scope: OpenScope;
  #wanted: RequestTransaction | undefined;
  #transaction: OpenBlock | undefined;
  #frame: Frame | undefined;
  #opening: Promise<Session> | undefined;
  /** Aborted when the client goes away. Made with the first connection, since most of what it is for needs one. */
  #gone: AbortController | undefined;
  /** Why no statement is taken any more. */
  #over: RequestEnding | undefined;
  #ended: Promise<void> | undefined;

  constructor(parts: RequestParts, { transaction, cancel }: RequestTerms) {
    this.#parts = parts;
    this.#cancel = cancel;
    this.#wanted = transaction;
    this.outer = parts.scopes.around();
    this.#scope = new LateScope(this.key, this);
  }

  get scope(): OpenScope {
    if (this.#scope.ended && this.#over === undefined && this.#transaction === undefined) {
      this.#scope = new LateScope(this.key, this);
    }
    return this.#scope;
  }

  get frame(): Frame | undefined {
    return this.#frame;
  }

  /** Whether its statements belong to a transaction. */
  get transactional(): boolean {
    return this.#wanted !== undefined;
  }

  get ready(): Session | undefined {
    return this.transactional && this.#transaction === undefined ? undefined : this.#scope.session;
  }

  get pending(): boolean {
    const begun = this.#transaction !== undefined || this.#opening !== undefined;
    return this.transactional && begun && this.#over === undefined;
  }

  /** Whether its end has begun. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Throws where a statement of this request can't be sent, and is not to go elsewhere. */
  check(): void {
    if (this.#over === undefined) return;
    // As outside of any scope: each statement then takes a connection by itself. Not where somebody meant it to be in the transaction.
    if (this.#over === "done" && this.#parts.autoconnect && !this.transactional) return;
    throw new RequestEndedError(this.#over);
  }

  run<T>(fn: () => T): T {
    return this.#parts.scopes.at(this, fn);
  }

  useTransaction(transaction: RequestTransaction): void {
    this.#wanted = this.#transaction === undefined ? transaction : this.#wanted;
  }

  async open(signal?: AbortSignal): Promise<Session> {
    for (;;) {
      this.check();
      if (this.ready !== undefined) return this.ready;
      if (this.#opening === undefined) {
        this.#opening = this.#start(signal).finally(() => {
          this.#opening = undefined;
        });
        return this.#opening;
      }
      try {
        const limit = { signal, left: undefined, timeout: undefined, text: "" };
        return await limited(this.#opening, limit, () => {});
      } catch (error) {
        // Somebody else who gave up is no reason for this one to do so.
        if (signal?.aborted || !(error instanceof AbortError) || this.#over !== undefined) throw error;
      }
    }
  }

  async commit(): Promise<void> {
    if (this.#over !== undefined) return;
    await this.#settled();
    if (this.#over !== undefined) return;
    if (this.#transaction === undefined) return;
    this.#over = "committed";
    await this.#transaction.commit();
  }

  async rollBack(): Promise<void> {
    if (this.#over !== undefined) return;
    await this.#settled();
    if (this.#over !== undefined || this.#transaction === undefined) return;
    this.#over = "rolled back";
    await this.#transaction.rollBack();
  }

  end(how: "done" | "gone"): Promise<void> {
    this.#ended ??= this.#end(how);
    return this.#ended;
  }

  async #end(how: "done" | "gone"): Promise<void> {
    const open = this.#over === undefined;
    if (how === "done") await this.#settled();
    this.#over = how;
    // Statements that were issued in time belong to it; from here on there are no others.
    if (how === "gone") this.#gone?.abort(new RequestEndedError("gone"));
    const { session } = this.#scope;
    if (session === undefined) {
      if (this.#opening === undefined) this.#scope.fail();
      await this.#opening?.catch(() => {});
      return;
    }
    if (open && how === "done") await this.#transaction?.rollBack();
    const given = session.end("release");
    if (open && how === "gone") void this.#transaction?.rollBack();
    await given;
  }

  /** Waits until a connection that is being opened is there, and those who waited for it have issued their statements. */
  async #settled(): Promise<void> {
    while (this.#opening !== undefined) {
      await this.#opening.catch(() => {});
      await new Promise((resolve) => afterTurn(resolve));
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<Session> {
    this.#gone ??= new AbortController();
    const gone = this.#gone.signal;
    const scope = this.scope;
    const session =
      scope.session ??
      (await this.#parts.open(scope, signal === undefined ? gone : AbortSignal.any([gone, signal])));
    if (this.#cancel) session.until = gone;
    try {
      if (this.#over === "gone") throw new RequestEndedError("gone");
      if (this.#wanted !== undefined) {
        await this.#begin(session, this.#wanted);
        // TypeScript can't know that the client may have gone meanwhile.
        if ((this.#over as RequestEnding | undefined) === "gone") throw new RequestEndedError("gone");
      }
      return session;
    } catch (error) {
      const given = session.end("release");
      void this.#transaction?.rollBack();
      await given;
      throw error;
    }
  }

  async #begin(session: Session, options: RequestTransaction): Promise<void> {
    const { dialect } = this.#parts;
    let level = session.root;
    const atomic = (fn: () => Promise<void>): Promise<void> => {
      const enter = (frame: Frame): Promise<void> => {
        level = frame;
        return fn();
      };
      return runAtomic({ session, frame: session.root, dialect, options, enter });
    };
    const block = new OpenBlock({ atomic, frame: () => level, runIn: (_, fn) => fn() });
    await block.begun;
    this.#transaction = block;
    this.#frame = level;
  }
}
