import { sqlite } from "../dialect/sqlite.ts";
import type { Driver } from "./driver.ts";
import { loadClient } from "./load.ts";
import { narrowed } from "./numbers.ts";
import type { OpenEngine, SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { OpenFailure, openDesk, openSqlite } from "./sqlite-open.ts";

/** SQLite by the module that is built into Node.js, in this thread: https://nodejs.org/api/sqlite.html */
export const nodeSqliteDriver: Driver = {
  client: "node:sqlite",
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
      return database.isTransaction;
    },
    get isOpen() {
      return database.isOpen;
    },
    prepare: (text) => statementOf(database.prepare(text), text),
    exec: (text) => database.exec(text),
    close: () => database.close(),
    codeOf,
  };
}

function statementOf(statement: import("node:sqlite").StatementSync, text: string): SqliteStatement {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return {
    rest: text.slice(statement.sourceSQL.length),
    columns: () => statement.columns().map((column) => column.name),
    all: (values) => statement.all(...values) as unknown as SqliteValue[][],
    run: (values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes: Number(changes), lastInsertRowid: narrowed(BigInt(lastInsertRowid)) };
    },
    iterate: (values) => statement.iterate(...values) as unknown as IterableIterator<SqliteValue[]>,
  };
}
