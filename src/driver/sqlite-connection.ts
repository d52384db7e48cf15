import { setTimeout as delay } from "node:timers/promises";
import { ConnectionLostError, OptionError } from "../base/error.ts";
import { leavesResidue } from "../dialect/residue.ts";
import { scan } from "../dialect/scan.ts";
import { sqlite } from "../dialect/sqlite.ts";
import type { Connection, Reset, Result, Standing, Statement } from "./driver.ts";
import { DatabaseError, shortened } from "./errors.ts";
import type { SqliteEngine, SqliteStatement } from "./sqlite-engine.ts";
import { bindable, rowOf } from "./sqlite-values.ts";

/** SQLITE_BUSY: somebody else holds the lock. https://www.sqlite.org/rescode.html#busy */
const BUSY = new Set([5, 261, 773]);

/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 25;

/** A SQLite connection in this thread. */
export class SqliteConnection implements Connection {
  readonly #engine: SqliteEngine;
  readonly #file: string;
  readonly #busyTimeout: number;
  #queue: Promise<unknown> = Promise.resolve();
  #underWay = 0;
  #closed = false;
  #dirty = false;

  /** @param busyTimeout milliseconds for which a statement waits for somebody else's lock */
  constructor(engine: SqliteEngine, file: string, busyTimeout: number) {
    this.#engine = engine;
    this.#file = file;
    this.#busyTimeout = busyTimeout;
  }

  get raw(): unknown {
    return this.#engine.raw;
  }

  get standing(): Standing {
    if (this.#closed || !this.#engine.isOpen) return "lost";
    return this.#engine.inTransaction ? "transaction" : "idle";
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  query(statement: Statement): Promise<Result> {
    if (!this.#dirty && leavesResidue(statement.text, "sqlite")) this.#dirty = true;
    return this.#inTurn(() => this.#patiently(statement, () => this.#run(statement)));
  }

  async *stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]> {
    if (!this.#dirty && leavesResidue(statement.text, "sqlite")) this.#dirty = true;
    const start = () => {
      const prepared = this.#prepare(statement.text);
      const rows = prepared.iterate(statement.values.map(bindable));
      return { columns: prepared.columns, rows, first: rows.next() };
    };
    const { columns, rows, first } = await this.#inTurn(() => this.#patiently(statement, start));
    try {
      let next = first;
      let got: Record<string, unknown>[] = [];
      while (!next.done) {
        got.push(rowOf(columns, next.value));
        if (got.length >= batch) {
          yield got;
          got = [];
          if (this.standing === "lost") throw this.#lostError();
        }
        try {
          next = rows.next();
        } catch (error) {
          throw this.#failureOf(error, statement);
        }
      }
      if (got.length > 0) yield got;
    } finally {
      if (this.standing !== "lost") rows.return?.();
    }
  }

  /** A statement in this thread ends before anything else can be said to it, so there is nothing to cancel. */
  async cancel(): Promise<void> {}

  async ping(): Promise<void> {
    await this.query({ text: "select 1", values: [] });
  }

  reset(level: Reset): boolean | Promise<boolean> {
    if (this.standing === "lost") return false;
    const dirty = this.#dirty;
    this.#dirty = false;
    if (this.#engine.inTransaction) {
      try {
        this.#engine.prepare("rollback").run([]);
      } catch {
        return false;
      }
    }
    // Pragmas, attached files and temporary tables have no common way back; a new connection has none of them.
    // A database in memory would be lost with its connection, so it is kept as it is.
    if (level === "none" || this.#file === ":memory:") return true;
    return !dirty;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#engine.isOpen) this.#engine.close();
  }

  onLost(): void {
    // A file in this process can't go away by itself; its errors come with the statements.
  }

  /** One after the other: a statement that waits for a lock keeps those behind it waiting, as on a wire. */
  #inTurn<T>(run: () => T | Promise<T>): Promise<T> {
    this.#underWay++;
    const mine = this.#queue.then(run);
    this.#queue = mine.then(
      () => this.#underWay--,
      () => this.#underWay--,
    );
    return mine;
  }

  /** Tries again while somebody else holds the lock. The pauses leave the thread to those who may be about to free it. */
  async #patiently<T>(statement: Statement, attempt: () => T): Promise<T> {
    const deadline = performance.now() + this.#busyTimeout;
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      if (this.standing === "lost") throw this.#lostError();
      try {
        return attempt();
      } catch (error) {
        const code = this.#engine.codeOf(error);
        const retry = code !== undefined && BUSY.has(code) && performance.now() < deadline;
        if (!retry) throw this.#failureOf(error, statement);
      }
      await delay(pause * (0.5 + Math.random() / 2));
    }
  }

  #run({ text, values }: Statement): Result {
    const prepared = this.#prepare(text);
    const bound = values.map(bindable);
    if (prepared.columns.length > 0) {
      const rows = prepared.all(bound).map((row) => rowOf(prepared.columns, row));
      return { rows, columns: prepared.columns, rowCount: rows.length, lastInsertId: null };
    }
    const { changes, lastInsertRowid } = prepared.run(bound);
    // SQLite keeps both figures of the last statement that had one: https://www.sqlite.org/c3ref/changes.html
    const verb = firstWord(text);
    return {
      rows: [],
      columns: [],
      rowCount: CHANGING.has(verb) ? changes : 0,
      lastInsertId: INSERTING.has(verb) && changes > 0 ? lastInsertRowid : null,
    };
  }

  #prepare(text: string): SqliteStatement {
    const prepared = this.#engine.prepare(text);
    if (/\S/.test(withoutComments(prepared.rest).replaceAll(";", ""))) {
      throw new OptionError(
        "query",
        `SQLite takes one statement at a time, and this text holds several; nothing of it was run. Send them one by one. The text: ${shortened(text)}`,
      );
    }
    return prepared;
  }

  #lostError(): ConnectionLostError {
    return new ConnectionLostError(
      `The connection to the SQLite file ${this.#file} is closed. Connect again.`,
    );
  }

  #failureOf(error: unknown, statement: Statement): unknown {
    const errno = this.#engine.codeOf(error);
    if (errno === undefined) return error;
    const { message } = error as Error;
    const where = /constraint failed: (?:index ')?([^.']+)(?:\.([^,\s']+))?/.exec(message);
    return new DatabaseError({
      dialect: sqlite,
      message,
      statement,
      driverError: error,
      errno,
      table: where?.[2] === undefined ? undefined : where[1],
      column: where?.[2],
      constraint: where?.[2] === undefined ? where?.[1] : undefined,
    });
  }
}

const CHANGING = new Set(["insert", "replace", "update", "delete", "with"]);
const INSERTING = new Set(["insert", "replace", "with"]);

function firstWord(text: string): string {
  return /^\W*(\w+)/.exec(withoutComments(text))?.[1]?.toLowerCase() ?? "";
}

function withoutComments(text: string): string {
  if (!text.includes("--") && !text.includes("/*")) return text;
  return scan(text, sqlite.lexicon)
    .filter(({ kind }) => kind !== "comment")
    .map(({ start, end }) => text.slice(start, end))
    .join(" ");
}
