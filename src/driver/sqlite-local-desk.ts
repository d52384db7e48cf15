import type { Answer, Asker, Desk, Order, OrderFailure, RanHere } from "./sqlite-desk.ts";
import type { SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { type Rows, Statements } from "./sqlite-statements.ts";
import { bindAll } from "./sqlite-values.ts";

/** SQLITE_BUSY: somebody else holds the lock, and may give it back. https://www.sqlite.org/rescode.html#busy */
const BUSY = new Set([5, 261, 773]);

/** SQLITE_INTERRUPT: https://www.sqlite.org/rescode.html#interrupt */
const INTERRUPTED = 9;

/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 25;

interface Cursor {
  readonly statement: SqliteStatement;
  readonly columns: readonly string[];
  readonly rows: IterableIterator<SqliteValue[]>;
}

interface Job {
  readonly order: Order;
  readonly asker: Asker;
}

const NOTHING = { columns: [], rows: [], changes: 0, lastInsertRowid: null, done: true };

/** Carries orders out in the thread it lives in. */
export class LocalDesk implements Desk {
  readonly path: string;
  readonly #engine: SqliteEngine;
  readonly #statements: Statements;
  readonly #cursors = new Map<number, Cursor>();
  /** Whether somebody has the client's own object, and may do with it what he likes. */
  #exposed = false;
  #closed = false;
  /** As of the last look; to ask the client costs more than all else about a small statement. */
  #transaction = false;
  /** Whether something was run since that may have changed it. */
  #unsure = false;
  /** What waits behind an order that waits for a lock; that one is the first. */
  #line: Job[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: SqliteEngine, path: string) {
    this.#engine = engine;
    this.#statements = new Statements(engine);
    this.path = path;
  }

  get raw(): unknown {
    this.#exposed = true;
    return this.#engine.raw;
  }

  get inTransaction(): boolean {
    if (this.#exposed || this.#unsure) {
      this.#unsure = false;
      this.#transaction = this.#engine.inTransaction;
    }
    return this.#transaction;
  }

  get isOpen(): boolean {
    return this.#exposed ? this.#engine.isOpen : !this.#closed;
  }

  give(order: Order, asker: Asker): void {
    const job = { order, asker };
    if (this.#line.length > 0) this.#line.push(job);
    else if (!this.#carryOut(job)) this.#wait(job);
  }

  runNow(text: string, values: readonly SqliteValue[], reads: boolean): Rows | OrderFailure | undefined {
    if (this.#line.length > 0) return undefined;
    if (!reads) this.#unsure = true;
    try {
      return this.#statements.run(text, values);
    } catch (error) {
      this.#unsure = true;
      const errno = this.#engine.codeOf(error);
      return errno !== undefined && BUSY.has(errno) ? undefined : { error, errno };
    }
  }

  beginReading(): boolean {
    if (this.#line.length > 0 || this.#cursors.size > 0 || this.inTransaction) return false;
    try {
      this.#statements.run("begin", []);
      return true;
    } catch {
      return false;
    }
  }

  endReading(): void {
    this.#unsure = true;
    try {
      // Some failures end it: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
      if (this.#engine.inTransaction) this.#statements.run("commit", []);
    } catch {
      this.#engine.exec("rollback");
    }
  }

  runAll(texts: readonly string[]): RanHere | undefined {
    if (this.#line.length > 0) return undefined;
    let done = 0;
    for (const text of texts) {
      // One of them may have ended it; what follows then has its own way.
      if (!this.inTransaction) break;
      this.#unsure = true;
      try {
        this.#engine.exec(text);
      } catch (error) {
        const errno = this.#engine.codeOf(error);
        // Nothing of it was done, and the other way of sending it waits.
        if (errno !== undefined && BUSY.has(errno)) break;
        return { done, failure: { error, errno } };
      }
      done++;
    }
    return { done, failure: undefined };
  }

  cancel(): void {
    const [first] = this.#line;
    if (first === undefined) return;
    clearTimeout(this.#timer);
    this.#line.shift();
    this.#interrupt(first);
    this.#advance();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const job of this.#line.splice(0)) this.#interrupt(job);
    for (const cursor of [...this.#cursors.keys()]) this.#end(cursor);
    try {
      if (this.#engine.isOpen) this.#engine.close();
    } catch {
      // It is given up in any case, and what it held ends with the object.
    }
  }

  onLost(): void {
    // A file in this process can't go away by itself; its errors come with the statements.
  }

  /** Somebody else holds the lock. The pauses leave the thread to those who may be about to give it back. */
  #wait(first: Job): void {
    this.#line.push(first);
    const deadline = performance.now() + ("patience" in first.order ? first.order.patience : 0);
    let pause = 1;
    const again = (): void => {
      const last = performance.now() >= deadline;
      if (this.#carryOut(first, last)) {
        this.#line.shift();
        this.#advance();
        return;
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      later();
    };
    const later = (): void => {
      this.#timer = setTimeout(again, pause * (0.5 + Math.random() / 2));
    };
    later();
  }

  #advance(): void {
    while (this.#line.length > 0) {
      const job = this.#line.shift() as Job;
      if (this.#carryOut(job)) continue;
      const behind = this.#line;
      this.#line = [];
      this.#wait(job);
      this.#line.push(...behind);
      return;
    }
  }

  /** `false` where a lock is in the way and there is time to wait for it. */
  #carryOut(job: Job, last = false): boolean {
    const { order } = job;
    this.#unsure = true;
    let found: Partial<Answer>;
    try {
      found = this.#do(order);
    } catch (error) {
      const errno = this.#engine.codeOf(error);
      const waits = errno !== undefined && BUSY.has(errno) && "patience" in order && order.patience > 0;
      if (waits && !last) return false;
      found = { failure: { error, errno } };
    }
    this.#answer(job, found);
    return true;
  }

  #answer({ asker }: Job, found: Partial<Answer>): void {
    asker.answered({ ...NOTHING, failure: undefined, inTransaction: this.inTransaction, ...found });
  }

  #interrupt(job: Job): void {
    const error = new Error("interrupted: its caller gave up while it waited for a lock");
    this.#answer(job, { failure: { error, errno: INTERRUPTED } });
  }

  #do(order: Order): Partial<Answer> {
    switch (order.op) {
      case "run":
        return this.#statements.run(order.text, bindAll(order.values));
      case "cursor":
        return this.#open(order);
      case "more":
        return this.#read(order.cursor, order.batch);
      case "end":
        this.#end(order.cursor);
        return NOTHING;
    }
  }

  #open({ text, values, cursor, batch }: Order & { op: "cursor" }): Partial<Answer> {
    const statement = this.#statements.prepare(text);
    const columns = statement.columns();
    const bound = bindAll(values);
    if (columns.length === 0) {
      statement.run(bound);
      return NOTHING;
    }
    if (this.#cursors.size === 0) this.#engine.iterating?.(true);
    this.#cursors.set(cursor, { statement, columns, rows: statement.iterate(bound) });
    return this.#read(cursor, batch);
  }

  #read(number: number, batch: number): Partial<Answer> {
    const cursor = this.#cursors.get(number);
    if (cursor === undefined) return NOTHING;
    const rows: SqliteValue[][] = [];
    try {
      for (let next = cursor.rows.next(); !next.done; next = cursor.rows.next()) {
        rows.push(next.value);
        if (rows.length >= batch) return { columns: cursor.columns, rows, done: false };
      }
    } catch (error) {
      this.#end(number);
      throw error;
    }
    this.#end(number);
    return { columns: cursor.columns, rows, done: true };
  }

  #end(number: number): void {
    const cursor = this.#cursors.get(number);
    if (cursor === undefined) return;
    this.#cursors.delete(number);
    try {
      if (this.#engine.isOpen) cursor.rows.return?.();
    } finally {
      if (this.#cursors.size === 0 && this.#engine.isOpen) this.#engine.iterating?.(false);
    }
  }
}
