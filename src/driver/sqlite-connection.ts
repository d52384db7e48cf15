import { Chain } from "../base/chain.ts";
import { ConnectionLostError } from "../base/error.ts";
import { sqlite } from "../dialect/sqlite.ts";
import type { Asker, Connection, Ran, Reset, Result, Standing, Statement } from "./driver.ts";
import { DatabaseError } from "./errors.ts";
import type { Answer, Desk, Order } from "./sqlite-desk.ts";
import { SqliteFile, type Writer } from "./sqlite-file.ts";
import { Item, type ItemHost, type Manner, READS } from "./sqlite-item.ts";
import type { Rows } from "./sqlite-statements.ts";
import { type Reading, readingOf } from "./sqlite-text.ts";
import { allSendable, bound, rowsOf, type Sendable } from "./sqlite-values.ts";

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const BUSY = 5;
/** SQLITE_INTERRUPT: https://www.sqlite.org/rescode.html#interrupt */
const INTERRUPTED = 9;

/** A cursor that is being read. */
interface Reader {
  readonly number: number;
  /** It keeps the writer's place, since what it does is only committed as it ends. */
  readonly writes: boolean;
  open: boolean;
}

/** What a connection knows of itself. */
export interface About {
  /** The client library behind it. */
  readonly client: string;
  /** The file as the user wrote it, for messages. */
  readonly name: string;
  /** Milliseconds for which a statement waits for somebody else's lock. */
  readonly patience: number;
}

/**
 * A SQLite connection. Statements go to the desk in the order of the calls; one that writes goes when it is this
 * connection's turn to (see `SqliteFile`), and those behind it wait with it, as on a wire.
 */
export class SqliteConnection implements Connection, Writer, ItemHost {
  readonly busyTimeout: number;
  readonly #desk: Desk;
  readonly #name: string;
  readonly #file: SqliteFile | undefined;
  /** Which file was opened, to notice when another takes its place on the disk. */
  readonly #identity: string | undefined;
  /** What has not gone out: the first waits for the writer's place. */
  readonly #line: Item[] = [];
  #leaveLine: (() => void) | undefined;
  readonly #sent = new Chain<Item>();
  readonly #readers = new Set<Reader>();
  #cursors = 0;
  /** Whether the writer's place is this connection's. */
  #writing = false;
  /** Orders and cursors under way that count on that. */
  #relying = 0;
  /** Orders under way that may begin a transaction. */
  #beginning = 0;
  #quietSince = 0;
  #dirty = false;
  #queryOnly = false;
  /** A failure says that it is not to be used again; whoever holds it may still see for himself. */
  #spoilt = false;
  /** Whether nothing was done since the last reset but to look, so that the next one finds nothing to do. */
  #clean = false;
  /** Whether somebody has the client's own object, and may do with it what he likes. */
  #exposed = false;
  /** Rollbacks on their way that nobody waits for. */
  #rollingBack = 0;
  #closing: Promise<void> | undefined;
  #lost: ConnectionLostError | undefined;
  #tell: ((cause: Error) => void) | undefined;

  /** @throws ConnectError where this process has the file open by the other client library */
  constructor(desk: Desk, { client, name, patience }: About) {
    this.#desk = desk;
    this.#name = name;
    this.busyTimeout = patience;
    if (desk.path !== "") {
      this.#file = SqliteFile.enter(desk.path, client);
      this.#file.lookAgain();
      this.#identity = this.#file.identity();
    }
    desk.onLost((cause) => this.#die(cause));
  }

  get raw(): unknown {
    this.#exposed = true;
    this.#clean = false;
    return this.#desk.raw;
  }

  get #gone(): boolean {
    return this.#closing !== undefined || this.#lost !== undefined || !this.#desk.isOpen;
  }

  get standing(): Standing {
    if (this.#gone) return "lost";
    return this.#desk.inTransaction && this.#rollingBack === 0 ? "transaction" : "idle";
  }

  get shares(): unknown {
    return this.#desk.shares;
  }

  get busy(): boolean {
    return this.#sent.size + this.#line.length > 0;
  }

  get quietSince(): number | undefined {
    return this.#sent.size > 0 ? undefined : this.#quietSince;
  }

  query(statement: Statement): Promise<Result> {
    return new Promise((resolve, reject) =>
      this.queryAlone(statement, { answered: resolve, failed: reject }),
    );
  }

  queryNow(statement: Statement): Result | undefined {
    const { text } = statement;
    const desk = this.#desk;
    if (desk.runNow === undefined || this.#gone || this.busy) return undefined;
    const reading = this.#readingOf(text);
    const values = bound(statement.values);
    const reads = reading.intent === "read";
    if (!reads || reading.residue) this.#clean = false;
    const writes = !reads && this.#needsTurn(reading);
    if (writes && !this.#takeTurnNow()) return undefined;
    const ran = desk.runNow(text, values, reads);
    if (this.#writing) {
      // Whoever waits for the turn counts how long nothing has been under way here.
      this.#quietSince = performance.now();
      if (writes && ran !== undefined) this.#file?.wrote(undefined);
      this.#giveTurn();
    }
    if (ran === undefined) return undefined;
    if ("error" in ran) {
      this.#clean = false;
      throw this.#failureOf({ failure: ran }, statement);
    }
    return resultOf(ran, statement, reading);
  }

  beginReading(): boolean {
    this.#clean = false;
    return !this.busy && this.#readers.size === 0 && (this.#desk.beginReading?.() ?? false);
  }

  endReading(): void {
    this.#desk.endReading?.();
  }

  /** All statements wait in the same line here, and travel together with those of the same turn. */
  queryAlone(statement: Statement, asker: Asker): void {
    const { text } = statement;
    const reading = this.#readingOf(text);
    let values: readonly Sendable[];
    try {
      values = allSendable(statement.values);
    } catch (error) {
      asker.failed(error);
      return;
    }
    const reads = reading.intent === "read";
    const order = { op: "run", text, values, patience: this.busyTimeout, reads } as const;
    const settle = (answer: Answer): void =>
      asker.answered(resultOf(answer, statement, reading, answer.took));
    const fail = (error: unknown): void => asker.failed(error);
    this.#stand(new Item(this, order, statement, this.#mannerOf(reading), settle, fail));
  }

  runAll(texts: readonly string[]): Ran | undefined {
    // Only where nothing is before them, and the file's place for a writer is this connection's already.
    const quiet = !this.busy && this.#readers.size === 0 && this.standing === "transaction";
    if (!quiet || (this.#file !== undefined && this.busyTimeout > 0 && !this.#writing)) return undefined;
    const ran = this.#desk.runAll?.(texts);
    // Nobody has looked at what they leave in the session.
    if (ran !== undefined) this.#dirty = true;
    this.#clean = false;
    // One of them may have ended the transaction, and the next writer's turn begins.
    this.#giveTurn();
    if (ran?.failure === undefined) return ran;
    const statement = { text: texts[ran.done] ?? "", values: [] };
    return { done: ran.done, failure: this.#failureOf(ran, statement) };
  }

  async *stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]> {
    const { text } = statement;
    const reading = this.#readingOf(text);
    const writes = this.#needsTurn(reading);
    const reader: Reader = { number: ++this.#cursors, writes, open: true };
    const values = allSendable(statement.values);
    const patience = this.busyTimeout;
    // From now on and not from the answer on, so that a reset closes it whatever its state.
    this.#readers.add(reader);
    if (writes) this.#relying++;
    try {
      const first = { op: "cursor", text, values, patience, cursor: reader.number, batch } as const;
      let answer = await this.#ask(statement, reading, first);
      while (true) {
        const { columns, rows, done } = answer;
        if (done) this.#ended(reader);
        if (rows.length > 0) yield rowsOf(columns, rows, statement);
        if (done) return;
        if (this.standing === "lost" || !reader.open) throw this.#lostError();
        answer = await this.#ask(statement, undefined, { op: "more", cursor: reader.number, batch });
      }
    } finally {
      this.#end(reader);
    }
  }

  /**
   * Takes back a statement that waits for its turn to write or for another process's lock. One that SQLite is working on
   * goes on to its end, and the connection comes back then: neither client library can interrupt it.
   */
  async cancel(): Promise<void> {
    this.#desk.cancel();
    const [first] = this.#line;
    if (first === undefined) return;
    this.#line.shift();
    this.#leaveLine?.();
    this.#leaveLine = undefined;
    first.fail(refusal(first.statement, INTERRUPTED, "interrupted before it began"));
    this.#advance();
  }

  async ping(): Promise<void> {
    await this.query({ text: "select 1", values: [] });
  }

  reset(level: Reset): boolean | Promise<boolean> {
    if (this.#clean && level !== "full" && !this.#gone && !this.#isReplaced) return true;
    const fit = this.#reset(level);
    this.#clean = fit && !this.#exposed && this.#rollingBack === 0;
    return fit;
  }

  /** Deleted, or replaced by another: what is written into it from now on nobody else will ever see. */
  get #isReplaced(): boolean {
    return this.#file !== undefined && this.#file.identity() !== this.#identity;
  }

  #reset(level: Reset): boolean {
    if (this.standing === "lost") return false;
    if (this.#readers.size > 0) for (const reader of [...this.#readers]) this.#end(reader);
    if (this.#desk.inTransaction) this.#rollBack();
    if (this.standing !== "idle" || (this.#spoilt && this.#file !== undefined)) return false;
    const dirty = this.#dirty || this.#queryOnly;
    this.#dirty = false;
    this.#queryOnly = false;
    // A database in memory would be lost with its connection, so it is kept as it is.
    if (this.#file === undefined) return true;
    if (this.#isReplaced) return false;
    if (level === "none") return true;
    // Pragmas, attached files and temporary tables have no common way back; a new connection has none of them.
    return level === "transaction" && !dirty;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  onLost(lost: (cause: Error) => void): void {
    this.#tell = lost;
    if (this.#lost !== undefined && this.#closing === undefined) lost(this.#lost);
  }

  #readingOf(text: string): Reading {
    const reading = readingOf(text);
    if (reading.residue) {
      // `atomic` sends these two around a block that only reads.
      if (text === "pragma query_only = on") this.#queryOnly = true;
      else if (text === "pragma query_only = off") this.#queryOnly = false;
      else this.#dirty = true;
    }
    return reading;
  }

  #needsTurn({ intent }: Reading): boolean {
    return this.#file !== undefined && this.busyTimeout > 0 && (intent === "write" || intent === "begin");
  }

  /** What the line has to know of a statement. */
  #mannerOf(reading: Reading | undefined): Manner {
    if (reading === undefined || reading.intent === "read") return READS;
    const writes = this.#needsTurn(reading);
    const begins = reading.intent === "begin" || reading.intent === "plain";
    return { writes, begins, since: writes ? performance.now() : 0 };
  }

  #ask(statement: Statement, reading: Reading | undefined, order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#stand(new Item(this, order, statement, this.#mannerOf(reading), resolve, reject));
    });
  }

  #stand(item: Item): void {
    this.#clean = false;
    this.#line.push(item);
    if (this.#line.length === 1) this.#advance();
  }

  /** Sends what can go out now. */
  #advance(): void {
    while (this.#leaveLine === undefined) {
      const [item] = this.#line;
      if (item === undefined) return;
      if (this.standing === "lost") {
        this.#line.shift();
        item.fail(this.#lostError());
      } else if (item.manner.writes && !this.#takeTurn(item)) return;
      else {
        this.#line.shift();
        this.#send(item);
      }
    }
  }

  /** Takes the file's place for a writer, if this connection may write now. */
  #takeTurnNow(): boolean {
    const file = this.#file;
    if (file === undefined) return true;
    // Inside a transaction there is no choice. A statement by itself goes to the end of the line like everybody's.
    if (this.#writing) return this.#desk.inTransaction || this.#beginning > 0 || !file.contended;
    this.#writing = file.tryTake(this);
    return this.#writing;
  }

  #takeTurn(item: Item): boolean {
    const file = this.#file;
    if (file === undefined || this.#takeTurnNow()) return true;
    if (this.#writing) {
      this.#leaveLine = () => {};
      return false;
    }
    const go = (): void => {
      this.#leaveLine = undefined;
      this.#writing = true;
      this.#line.shift();
      this.#send(item);
      this.#advance();
      // It may have been taken back meanwhile.
      this.#giveTurn();
    };
    const refuse = (ms: number): void => {
      this.#leaveLine = undefined;
      this.#line.shift();
      item.fail(
        refusal(
          item.statement,
          BUSY,
          `database is locked: another connection of this process has kept a transaction that writes open for ${Math.round(ms)} ms without a statement under way. Is it waiting for this one?`,
        ),
      );
      this.#advance();
    };
    this.#leaveLine = file.line(this, go, refuse);
    return false;
  }

  #send(item: Item): void {
    const { order } = item;
    // Only now is it known how long another process has been keeping this one's writers out.
    const { writes, since } = item.manner;
    const patience = writes && this.#file !== undefined ? this.#file.patience(this, since) : 0;
    const sent = patience > 0 && "patience" in order ? { ...order, patience } : order;
    item.sent = true;
    this.#sent.push(item);
    if (writes) this.#relying++;
    if (item.manner.begins) this.#beginning++;
    item.patience = patience;
    this.#desk.give(sent, item);
  }

  /** Called by an item that the desk has answered. */
  answered(item: Item, answer: Answer): void {
    // It was told already that the connection is gone.
    if (!item.sent) return;
    item.sent = false;
    this.#sent.remove(item);
    if (this.#sent.size === 0) this.#quietSince = performance.now();
    const { writes, begins } = item.manner;
    if (begins) this.#beginning--;
    if (writes) {
      this.#relying--;
      this.#wrote(item.patience, answer);
    }
    const failure = answer.failure === undefined ? undefined : this.#failureOf(answer, item.statement);
    // Before anybody is told, who may give the connection back in the same call.
    if (this.#writing) this.#giveTurn();
    if (failure === undefined) item.settle(answer);
    else item.fail(failure);
  }

  #wrote(patience: number, { failure }: Answer): void {
    const locked = failure?.errno !== undefined && (failure.errno & 0xff) === BUSY && failure.errno !== 517;
    this.#file?.wrote(locked ? patience : undefined);
  }

  /** Lets the next one write, where nothing here counts on being alone any more. */
  #giveTurn(): void {
    if (!this.#writing || this.#relying > 0 || this.#desk.inTransaction) return;
    this.#writing = false;
    this.#file?.leave(this);
    if (this.#line.length > 0) {
      this.#leaveLine = undefined;
      this.#advance();
    }
  }

  #end(reader: Reader): void {
    if (!reader.open) return;
    const lost = this.standing === "lost";
    if (lost) this.#ended(reader);
    else {
      reader.open = false;
      this.#readers.delete(reader);
      const answered = (): void => {
        if (reader.writes) this.#relying--;
        this.#giveTurn();
      };
      this.#desk.give({ op: "end", cursor: reader.number }, { answered });
    }
  }

  /** The desk has closed it by itself. */
  #ended(reader: Reader): void {
    if (!reader.open) return;
    reader.open = false;
    this.#readers.delete(reader);
    if (reader.writes) this.#relying--;
    this.#giveTurn();
  }

  /** Ends the transaction that was left open. What is sent after this finds it ended, so nobody waits for the answer. */
  #rollBack(): void {
    this.#rollingBack++;
    const answered = ({ inTransaction }: Answer): void => {
      this.#rollingBack--;
      if (inTransaction) this.#die(new Error("Its transaction could not be rolled back."));
      else this.#giveTurn();
    };
    const order = { op: "run", text: "rollback", values: [], patience: 0, reads: false } as const;
    this.#desk.give(order, { answered });
  }

  async #close(): Promise<void> {
    this.#leaveLine?.();
    this.#leaveLine = undefined;
    const closed = this.#desk.close();
    this.#failAll();
    await closed;
    this.#part();
  }

  #die(cause: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = new ConnectionLostError(
      `The connection to the SQLite file ${this.#name} is gone: ${cause.message} Whether a statement that was under way has been done is not known. Connect again.`,
      { cause },
    );
    this.#leaveLine?.();
    this.#leaveLine = undefined;
    this.#failAll();
    if (this.#closing !== undefined) return;
    this.#part();
    this.#tell?.(this.#lost);
  }

  #failAll(): void {
    const error = this.#lostError();
    const items = [...this.#sent, ...this.#line.splice(0)];
    for (const item of items) {
      if (item.sent) this.#sent.remove(item);
      item.sent = false;
    }
    for (const item of items) item.fail(error);
  }

  #part(): void {
    this.#writing = false;
    this.#file?.leave(this);
    this.#file?.part();
  }

  #lostError(): ConnectionLostError {
    return (
      this.#lost ??
      new ConnectionLostError(`The connection to the SQLite file ${this.#name} is closed. Connect again.`)
    );
  }

  #failureOf({ failure }: Pick<Answer, "failure">, statement: Statement): unknown {
    if (failure?.errno === undefined) return failure?.error;
    const { message } = failure.error as Error;
    const where = /constraint failed: (?:index ')?([^.']+)(?:\.([^,\s']+))?/.exec(message);
    const error = new DatabaseError({
      dialect: sqlite,
      message,
      statement,
      driverError: failure.error,
      errno: failure.errno,
      table: where?.[2] === undefined ? undefined : where[1],
      column: where?.[2],
      constraint: where?.[2] === undefined ? where?.[1] : undefined,
    });
    this.#spoilt ||= !DatabaseError.keepsConnection(error);
    return error;
  }
}

function resultOf(
  { columns, rows, changes, lastInsertRowid }: Rows,
  statement: Statement,
  reading: Reading,
  took?: number,
): Result {
  if (columns.length > 0) {
    const made = rowsOf(columns, rows, statement);
    return { rows: made, columns, rowCount: made.length, lastInsertId: null, took };
  }
  // SQLite keeps both figures of the last statement that had one: https://www.sqlite.org/c3ref/changes.html
  return {
    rows: [],
    columns: [],
    rowCount: reading.changes ? changes : 0,
    lastInsertId: reading.inserts && changes > 0 ? lastInsertRowid : null,
    took,
  };
}

/** What SQLite would have said of a statement that did not get so far. */
function refusal(statement: Statement, errno: number, message: string): DatabaseError {
  return new DatabaseError({ dialect: sqlite, message, statement, driverError: new Error(message), errno });
}
