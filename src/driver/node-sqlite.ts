import { sqlite } from "../dialect/sqlite.ts";
import type { Driver } from "./driver.ts";
import { loadClient } from "./load.ts";
import { narrowed } from "./numbers.ts";
import type { OpenEngine, SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { OpenFailure, openDesk, openSqlite } from "./sqlite-open.ts";
import { looks } from "./sqlite-text.ts";
import { allOf, areExact, narrow, narrowing } from "./sqlite-values.ts";

/** SQLite by the module that is built into Node.js, in this thread: https://nodejs.org/api/sqlite.html */
export const nodeSqliteDriver: Driver = {
  client: "node:sqlite",
  local: true,
  looks,
  dialect: sqlite,
  connect: (target, signal) =>
    openSqlite("node:sqlite", target, signal, (file, options) => openDesk(openNodeSqlite, file, options)),
};

/** Opens a file by `node:sqlite`. @throws DriverMissingError where this Node.js was built without it */
export const openNodeSqlite: OpenEngine = (file, options) => {
  const { DatabaseSync } = quietly(() =>
    loadClient<typeof import("node:sqlite")>("node:sqlite", sqlite.title),
  );
  try {
    return engineOf(new DatabaseSync(file, options));
  } catch (error) {
    throw new OpenFailure(error, codeOf(error));
  }
};

/** SQLite's number for a failure, if it was SQLite that failed. */
function codeOf(error: unknown): number | undefined {
  return (error as { errcode?: number }).errcode;
}

/** Node.js 22 warns that its SQLite is experimental. The user has chosen it by choosing this library; once is too often. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function engineOf(database: import("node:sqlite").DatabaseSync): SqliteEngine {
  return {
    raw: database,
    get inTransaction() {
      return database.isOpen && database.isTransaction;
    },
    get isOpen() {
      return database.isOpen;
    },
    prepare: (text, again = false) => statementOf(database.prepare(text), text, again),
    exec: (text) => database.exec(text),
    close: () => database.close(),
    codeOf,
  };
}

function statementOf(
  statement: import("node:sqlite").StatementSync,
  text: string,
  again: boolean,
): SqliteStatement {
  statement.setReturnArrays(true);
  let wide = false;
  const widen = (): void => {
    wide = true;
    statement.setReadBigInts(true);
  };
  if (!again) widen();
  const all = (values: readonly SqliteValue[]): SqliteValue[][] =>
    allOf(statement, values) as unknown as SqliteValue[][];
  return {
    rest: text.slice(statement.sourceSQL.length),
    columns: () => statement.columns().map((column) => column.name),
    all: (values) => {
      if (!wide) {
        try {
          const rows = all(values);
          // It does not refuse the smallest of all whole numbers.
          if (areExact(rows)) return rows;
        } catch (error) {
          // For a whole number that no `number` can hold: https://nodejs.org/api/sqlite.html#statementsetreadbigintsenabled
          if ((error as Error).name !== "RangeError") throw error;
        }
        widen();
      }
      return all(values).map(narrow);
    },
    run: (values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes: Number(changes), lastInsertRowid: narrowed(BigInt(lastInsertRowid)) };
    },
    iterate: (values) => {
      widen();
      return narrowing(statement.iterate(...values) as unknown as IterableIterator<SqliteValue[]>);
    },
  };
}
