import { sqlite, sqliteCode } from "../dialect/sqlite.ts";
import type { Driver } from "./driver.ts";
import { loadClient } from "./load.ts";
import { narrowed } from "./numbers.ts";
import type { SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { openSqlite } from "./sqlite-open.ts";

/** The part of the npm package `better-sqlite3` that is used here: https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md */
interface BetterSqlite {
  readonly inTransaction: boolean;
  readonly open: boolean;
  prepare(text: string): BetterStatement;
  close(): void;
}

interface BetterStatement {
  readonly reader: boolean;
  raw(on: boolean): this;
  safeIntegers(on: boolean): this;
  columns(): { name: string }[];
  all(...values: readonly SqliteValue[]): SqliteValue[][];
  run(...values: readonly SqliteValue[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(...values: readonly SqliteValue[]): IterableIterator<SqliteValue[]>;
}

/** SQLite by the npm package `better-sqlite3`. */
export const betterSqlite3Driver: Driver = {
  client: "better-sqlite3",
  dialect: sqlite,
  async connect(target, signal) {
    type Module = new (file: string, options: Record<string, unknown>) => BetterSqlite;
    const Database = loadClient<Module>("better-sqlite3", sqlite.title);
    return openSqlite(target, signal, (file, options) => engineOf(new Database(file, options)));
  },
};

function engineOf(database: BetterSqlite): SqliteEngine {
  return {
    raw: database,
    get inTransaction() {
      return database.inTransaction;
    },
    get isOpen() {
      return database.open;
    },
    prepare: (text) => statementOf(database.prepare(text)),
    close: () => database.close(),
    codeOf: (error) => {
      const { name, code } = error as { name?: string; code?: string };
      // A code that is not in the table is still SQLite's: 1 is its general failure.
      return name === "SqliteError" && code !== undefined ? (sqliteCode(code) ?? 1) : undefined;
    },
  };
}

function statementOf(statement: BetterStatement): SqliteStatement {
  statement.safeIntegers(true);
  if (statement.reader) statement.raw(true);
  return {
    // This client refuses text with several statements itself.
    rest: "",
    columns: statement.reader ? statement.columns().map((column) => column.name) : [],
    all: (values) => statement.all(...values),
    run: (values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes, lastInsertRowid: narrowed(BigInt(lastInsertRowid)) };
    },
    iterate: (values) => statement.iterate(...values),
  };
}
