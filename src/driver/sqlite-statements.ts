import { OptionError } from "../base/error.ts";
import { Lately } from "../base/recent.ts";
import { shortened } from "./errors.ts";
import type { SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { firstWord, readingOf, withoutComments } from "./sqlite-text.ts";

/** How many compiled statements are kept for each connection, at least; twice as many at most. */
const ENOUGH = 50;

/** What is worth keeping: what programs say again and again, and what no schema change gives another meaning unnoticed. */
const KEPT = new Set(
  "select values with insert replace update delete begin commit rollback savepoint release".split(" "),
);

interface Kept {
  readonly statement: SqliteStatement;
  columns: readonly string[];
  /** Its columns depend on the schema of the moment. */
  readonly star: boolean;
}

/** What running a statement gave. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly SqliteValue[][];
  readonly changes: number;
  readonly lastInsertRowid: number | bigint | null;
}

/**
 * Compiles statements and keeps the last ones. SQLite compiles a kept one anew by itself when the schema has changed, in
 * this process or another (https://www.sqlite.org/c3ref/prepare.html); the names and the number of `select *`'s columns,
 * which the client library may have read before that, are looked at again after each run.
 */
export class Statements {
  readonly #engine: SqliteEngine;
  readonly #kept = new Lately<Kept>(ENOUGH);

  constructor(engine: SqliteEngine) {
    this.#engine = engine;
  }

  /** @throws what the client library throws; OptionError where the text holds several statements or none */
  run(text: string, values: readonly SqliteValue[]): Rows {
    const kept = this.#take(text);
    if (kept.columns.length === 0) {
      const { changes, lastInsertRowid } = kept.statement.run(values);
      return { columns: [], rows: [], changes, lastInsertRowid };
    }
    const rows = kept.statement.all(values);
    if (!kept.star) return { columns: kept.columns, rows, changes: 0, lastInsertRowid: null };
    kept.columns = unlessSame(kept.columns, kept.statement.columns());
    if (rows.length > 0 && rows[0]?.length !== kept.columns.length) {
      // Read with the width of before the change. It only reads, so it may be done again.
      this.#kept.delete(text);
      return this.run(text, values);
    }
    return { columns: kept.columns, rows, changes: 0, lastInsertRowid: null };
  }

  /** A statement of the caller's own, not kept. */
  prepare(text: string): SqliteStatement {
    let statement: SqliteStatement;
    try {
      statement = this.#engine.prepare(text, readingOf(text).intent === "read");
    } catch (error) {
      if (this.#engine.codeOf(error) !== undefined) throw error;
      if (isBlank(text))
        throw new OptionError("query", "This text holds no statement, so there is nothing to run.");
      // One of the client libraries refuses several by itself, with an error without a code.
      throw (error as Error).name === "RangeError" ? several(text) : error;
    }
    if (!isBlank(statement.rest)) throw several(text);
    return statement;
  }

  #take(text: string): Kept {
    const found = this.#kept.get(text);
    if (found !== undefined) return found;
    const statement = this.prepare(text);
    const columns = statement.columns();
    const verb = firstWord(text);
    const star = columns.length > 0 && text.includes("*");
    const made = { statement, columns, star };
    // What writes and gives `*` can't be run again, so it is compiled each time.
    const reads = verb === "select" || verb === "values";
    if (!KEPT.has(verb) || (star && !reads)) return { ...made, star: false };
    this.#kept.set(text, made);
    return made;
  }
}

/** The list that is known already, where nothing has changed: what was found out about it holds then. */
function unlessSame(known: readonly string[], found: readonly string[]): readonly string[] {
  const same = found.length === known.length && found.every((name, i) => name === known[i]);
  return same ? known : found;
}

function isBlank(text: string): boolean {
  return !/\S/.test(withoutComments(text).replaceAll(";", ""));
}

function several(text: string): OptionError {
  return new OptionError(
    "query",
    `SQLite takes one statement at a time, and this text holds several; nothing of it was run. Send them one by one. The text: ${shortened(text)}`,
  );
}
