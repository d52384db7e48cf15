import { sqlite } from "../dialect/sqlite.ts";
import type { Driver } from "./driver.ts";
import { loadClient } from "./load.ts";
import { narrowed } from "./numbers.ts";
import type { SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { openSqlite } from "./sqlite-open.ts";

/** SQLite by the module that is built into Node.js: https://nodejs.org/api/sqlite.html */
export const nodeSqliteDriver: Driver = {
  client: "node:sqlite",
  dialect: sqlite,
  async connect(target, signal) {
    const { DatabaseSync } = quietly(() =>
      loadClient<typeof import("node:sqlite")>("node:sqlite", sqlite.title),
    );
    return openSqlite(target, signal, (file, options) => engineOf(new DatabaseSync(file, options)));
  },
};

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
    close: () => database.close(),
    codeOf: (error) => (error as { errcode?: number }).errcode,
  };
}

function statementOf(statement: import("node:sqlite").StatementSync, text: string): SqliteStatement {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return {
    rest: text.slice(statement.sourceSQL.length),
    columns: statement.columns().map((column) => column.name),
    all: (values) => statement.all(...values) as unknown as SqliteValue[][],
    run: (values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes: Number(changes), lastInsertRowid: narrowed(BigInt(lastInsertRowid)) };
    },
    iterate: (values) => statement.iterate(...values) as unknown as IterableIterator<SqliteValue[]>,
  };
}
