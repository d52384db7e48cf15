import { understand } from "../../database/call.ts";
import type { DialectName } from "../../dialect/dialect.ts";
import { MigrateError, UnreadableError } from "../model/errors.ts";
import { recognise } from "../read/recognise.ts";
import { splitStatements } from "../read/statements.ts";
import { dialectOf, type Session } from "./session.ts";
import { noted } from "./stack.ts";

/** A statement that a function step sends, before it is sent. */
export interface Asked {
  readonly method: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What is done with the statements of a function step besides sending them. */
export interface Watch {
  /** Sends a statement, or gives what it gave when it was sent before. */
  perform<Value>(asked: Asked, send: () => Promise<Value>): Promise<Value>;
  /** Runs an `atomic` block. */
  atomic<Value>(run: () => Promise<Value>): Promise<Value>;
}

/** Sends what it is given. */
export const PLAIN: Watch = { perform: (_, send) => send(), atomic: (run) => run() };

const STATEMENTS = new Set(["sql", "select", "get", "getOrNone", "insert", "cursor"]);

/**
 * The database as a function step gets it: the handle of the run's connection, so that every statement is part of the
 * migration's transaction. It refuses to begin or end that, and keeps the connection open whatever the step closes.
 */
export class StepDatabase {
  /** What the step's function is called with. */
  readonly db: object;
  readonly #dialect: DialectName;
  readonly #watch: Watch;
  readonly #pending = new Set<Answer<unknown>>();

  constructor(handle: Session, dialect: DialectName, watch: Watch = PLAIN) {
    this.#dialect = dialect;
    this.#watch = watch;
    this.db = this.#wrap(handle);
  }

  /** Calls the step's function, and waits for every statement it has sent, awaited or not. */
  async run(step: (db: unknown) => unknown): Promise<void> {
    await step(this.db);
    for (const answer of this.#pending) {
      await answer.settled;
      if (answer.unseen) throw answer.unseen.reason;
    }
    this.#pending.clear();
  }

  #wrap(handle: object): object {
    const wrapper: object = new Proxy(handle, {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name, target);
        if (typeof name === "string" && STATEMENTS.has(name) && typeof own === "function") {
          return (...args: unknown[]) => this.#statement(name, args, () => own.apply(target, args));
        }
        switch (name) {
          case "dialect":
            return own ?? this.#dialect;
          case "atomic":
            return (fn: (inner: unknown) => unknown, ...rest: unknown[]) =>
              this.#kept(this.#watch.atomic(() => (own as Atomic).call(target, () => fn(wrapper), ...rest)));
          // The rest of what a database object has, so that code written for one runs here too.
          case "conn":
            return wrapper;
          case "connect":
            return async () => wrapper;
          case "withConnection":
          case "context":
            return async (fn: (inner: unknown) => unknown) => fn(wrapper);
          case "close":
          case "manualClose":
            return async () => false;
          case Symbol.asyncDispose:
            return async () => undefined;
          default:
            return typeof own === "function" ? own.bind(target) : own;
        }
      },
    });
    return wrapper;
  }

  #statement(method: string, args: readonly unknown[], send: () => unknown): unknown {
    const { statement } = understand(args, dialectOf(this.#dialect), method === "cursor");
    if (controlsTransaction(statement.text, this.#dialect)) {
      throw new MigrateError(
        "A function step tried to begin or end a transaction by itself, and nothing was sent. Rider begins and commits: " +
          "leave it out, use db.atomic(…) for a part that may fail by itself, or put what must stand alone into a migration with `transactional = false`.",
      );
    }
    if (method === "cursor") return send();
    const asked = { method, text: statement.text, values: statement.values };
    const call = new Error("A statement was called.");
    const answer = this.#watch.perform(asked, async () => send());
    return this.#kept(noted(answer, call));
  }

  #kept<Value>(promise: Promise<Value>): Promise<Value> {
    const answer: Answer<Value> = new Answer(promise, () => void this.#pending.delete(answer));
    this.#pending.add(answer);
    return answer;
  }
}

/** Whether any of the statements in a text begins or ends a transaction: PostgreSQL takes several at once, MySQL where its driver is told to. */
function controlsTransaction(text: string, dialect: DialectName): boolean {
  const one = (statement: string): boolean => recognise(statement, dialect).transactionControl;
  if (one(text) || !text.includes(";")) return one(text);
  try {
    return splitStatements(text, dialect).some((statement) => one(statement.text));
  } catch (error) {
    // What can't be split, the database refuses in its own words.
    if (error instanceof UnreadableError) return false;
    throw error;
  }
}

/**
 * A promise that knows whether anybody looked at it: a statement that nobody awaits must neither outlive its step nor fail
 * unseen. Not a real `Promise`, since `await` looks into those without a trace.
 */
class Answer<Value> implements Promise<Value> {
  readonly [Symbol.toStringTag] = "Promise";
  /** Settles when the answer is there, whatever it is. */
  readonly settled: Promise<void>;
  /** Why it failed, as long as nobody has looked. */
  unseen: { readonly reason: unknown } | undefined;
  readonly #promise: Promise<Value>;
  #seen = false;

  constructor(promise: Promise<Value>, done: () => void) {
    this.#promise = promise;
    this.settled = promise.then(done, (reason: unknown) => {
      if (this.#seen) done();
      else this.unseen = { reason };
    });
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what this is for.
  then<A = Value, B = never>(
    fulfilled?: ((value: Value) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#seen = true;
    this.unseen = undefined;
    return this.#promise.then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Value | B> {
    return this.then(undefined, rejected);
  }

  finally(done?: (() => void) | null): Promise<Value> {
    this.#seen = true;
    this.unseen = undefined;
    return this.#promise.finally(done);
  }
}

type Atomic = (fn: () => unknown, ...rest: unknown[]) => Promise<unknown>;
