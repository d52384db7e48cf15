import { beginning } from "../base/ask.ts";
import { OptionError } from "../base/error.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Dialect, Isolation } from "../dialect/dialect.ts";
import type { Result } from "../driver/driver.ts";
import { isRetryable, TransactionAbortedError } from "./errors.ts";
import { Frame } from "./frame.ts";
import type { Session } from "./session.ts";
import { heard, StatementEvent, told } from "./statement-events.ts";

/** How an `atomic` block is to be run. */
export interface AtomicOptions {
  /** `false` rolls back at the end, whatever happens: for trying things out, and for tests. @default true */
  readonly commit?: boolean | undefined;
  /** Only for the outermost block, unless it is the same. SQLite's transactions are always serializable. @default the database's own */
  readonly isolation?: Isolation | undefined;
  /** The database refuses writes. Only for the outermost block. @default false */
  readonly readOnly?: boolean | undefined;
  /** How often the outermost block is run again after a serialization failure or a deadlock. @default 0 */
  readonly retries?: number | undefined;
  /** See `base/ask.ts`. @internal */
  readonly [beginning]?: readonly string[] | undefined;
}

const NAMES = ["commit", "isolation", "readOnly", "retries"];
const LEVELS: readonly Isolation[] = [
  "read uncommitted",
  "read committed",
  "repeatable read",
  "serializable",
];

/** Throws `OptionError` for options of `atomic` that do not exist or do not fit. */
export function checkAtomicOptions(fn: unknown, options: AtomicOptions): void {
  if (typeof fn !== "function")
    throw new OptionError("fn", "atomic takes a function, which it runs in a transaction.");
  if (typeof options !== "object" || options === null)
    throw new OptionError("options", "What atomic takes as its options is an object such as { retries: 3 }.");
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue;
    throw unknownOption("atomic", name, NAMES);
  }
  const { commit, readOnly, isolation, retries } = options;
  for (const [name, value] of Object.entries({ commit, readOnly })) {
    if (value !== undefined && typeof value !== "boolean")
      throw new OptionError(name, `The option "${name}" takes true or false.`);
  }
  if (isolation !== undefined && !LEVELS.includes(isolation)) {
    throw new OptionError(
      "isolation",
      `The option "isolation" takes ${LEVELS.map((level) => `"${level}"`).join(", ")}.`,
    );
  }
  if (retries !== undefined && (!Number.isSafeInteger(retries) || retries < 0)) {
    throw new OptionError("retries", 'The option "retries" takes a whole number, 0 or more.');
  }
}

/** Who runs a block: where it is, and how its function is started inside it. */
export interface Block<T> {
  readonly session: Session;
  /** The level around it. */
  readonly frame: Frame;
  readonly dialect: Dialect;
  readonly options: AtomicOptions;
  enter(frame: Frame): Promise<T>;
}

/** Runs a block as a transaction, or as a savepoint where there is one already; the outermost again where it may help. */
export async function runAtomic<T>(block: Block<T>): Promise<T> {
  const retries = block.frame.depth === 0 ? (block.options.retries ?? 0) : 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await runOnce(block);
    } catch (error) {
      if (attempt >= retries || !isRetryable(error) || block.session.lease.lost !== undefined) throw error;
    }
    // Those who collided are not to collide again.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(attempt, 6)));
  }
}

async function runOnce<T>({ session, frame: outer, dialect, options, enter }: Block<T>): Promise<T> {
  outer.check();
  session.check();
  if (!outer.tryEnter(true)) await outer.enter(true);
  const inner = new Frame(outer);
  try {
    outer.check();
    session.check();
    if (outer.broken) throw new TransactionAbortedError({ cause: outer.failure });
    const bracket = bracketOf(session, outer, dialect, options);
    await open(session, outer, dialect, bracket);
    let value: T;
    try {
      value = await enter(inner);
      // What was issued inside and not awaited still belongs inside.
      await inner.idle();
      inner.finish("ended");
      session.check();
      if (inner.broken || session.standing === "failed")
        throw new TransactionAbortedError({ cause: inner.failure });
    } catch (error) {
      inner.finish("ended");
      await rollBack(session, outer, inner, dialect, bracket);
      throw error;
    }
    if (options.commit === false) await rollBack(session, outer, inner, dialect, bracket);
    else await end(session, outer, dialect, bracket.commit);
    return value;
  } finally {
    inner.finish("ended");
    outer.leave(true);
  }
}

/** Begins a block: with its first statement where the connection can, so that nobody waits for a `begin` alone. */
async function open(session: Session, frame: Frame, dialect: Dialect, { begin }: Bracket): Promise<void> {
  const [text] = begin;
  if (begin.length === 1 && text !== undefined && session.connection.lead !== undefined) {
    session.connection.lead(text);
    if (heard()) await told(new StatementEvent(session.origin, dialect, { text, values: [] }, false), unsent);
    return;
  }
  for (const each of begin) await say(session, frame, dialect, each);
}

/** Ends a block, where it was ever begun. */
async function end(
  session: Session,
  frame: Frame,
  dialect: Dialect,
  texts: readonly string[],
): Promise<void> {
  if (session.connection.dropLead?.()) return;
  for (const text of texts) await say(session, frame, dialect, text);
}

/** What a statement gives that goes with the next. */
async function unsent(): Promise<Result> {
  return { rows: [], columns: [], rowCount: 0, lastInsertId: null };
}

/** Sends one of the statements around a block, and tells of it where somebody listens. */
async function say(session: Session, frame: Frame, dialect: Dialect, text: string): Promise<void> {
  const statement = { text, values: [] };
  if (!heard()) await session.sendAround(frame, statement);
  else {
    const event = new StatementEvent(session.origin, dialect, statement, false);
    await told(event, () => session.sendAround(frame, statement));
  }
}

/** The statements around a block. */
interface Bracket {
  readonly begin: readonly string[];
  readonly commit: readonly string[];
  readonly rollback: readonly string[];
  readonly savepoint: boolean;
}

function bracketOf(session: Session, outer: Frame, dialect: Dialect, options: AtomicOptions): Bracket {
  // A transaction that was begun by hand is respected: a second `begin` would commit it on MySQL.
  if (outer.depth === 0 && session.standing === "idle") {
    const queryOnly = options.readOnly && dialect.name === "sqlite";
    return {
      begin: [
        ...(options[beginning] ?? dialect.begin(options)),
        ...(queryOnly ? ["pragma query_only = on"] : []),
      ],
      commit: ["commit", ...(queryOnly ? ["pragma query_only = off"] : [])],
      rollback: ["rollback", ...(queryOnly ? ["pragma query_only = off"] : [])],
      savepoint: false,
    };
  }
  if (options.isolation !== undefined || options.readOnly !== undefined || options[beginning] !== undefined) {
    throw new OptionError(
      options.isolation !== undefined || options.readOnly === undefined ? "isolation" : "readOnly",
      "isolation and readOnly are for the outermost atomic block: an inner one is a savepoint and can't change how its transaction was begun.",
    );
  }
  const name = `apocryphan_${outer.depth + 1}`;
  return {
    begin: [`savepoint ${name}`],
    commit: [`release savepoint ${name}`],
    rollback: [`rollback to savepoint ${name}`, `release savepoint ${name}`],
    savepoint: true,
  };
}

/** Undoes a block. Its own failure is not told: the error that led here is, and a connection that failed at this is given up. */
async function rollBack(
  session: Session,
  outer: Frame,
  inner: Frame,
  dialect: Dialect,
  bracket: Bracket,
): Promise<void> {
  if (session.lease.lost !== undefined || session.ended) return;
  if (bracket.savepoint && inner.broken) {
    // The database has rolled back all of it; the blocks around end in the same way.
    return;
  }
  try {
    await end(session, outer, dialect, bracket.rollback);
  } catch {
    // A transaction that the database has ended by itself can't be ended again (SQLite says so); any other failure
    // shows in the connection's standing, and the connection is not lent again with a transaction open.
  }
}
