import { sqlite, sqliteCode } from "../dialect/sqlite.ts";
import type { Driver } from "./driver.ts";
import { loadClient } from "./load.ts";
import { narrowed } from "./numbers.ts";
import type { OpenEngine, SqliteEngine, SqliteStatement, SqliteValue } from "./sqlite-engine.ts";
import { OpenFailure, openDesk, openSqlite } from "./sqlite-open.ts";
import { looks } from "./sqlite-text.ts";
import { allOf, areExact, narrow, narrowing } from "./sqlite-values.ts";

/** The part of the npm package `better-sqlite3` that is used here: https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md */
interface BetterSqlite {
  readonly inTransaction: boolean;
  readonly open: boolean;
  prepare(text: string): BetterStatement;
  exec(text: string): this;
  close(): void;
  unsafeMode(on: boolean): this;
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

/** SQLite by the npm package `better-sqlite3`, in this thread. */
export const betterSqlite3Driver: Driver = {
  client: "better-sqlite3",
  local: true,
  looks,
  dialect: sqlite,
  connect: (target, signal) =>
    openSqlite("better-sqlite3", target, signal, (file, options) =>
      openDesk(openBetterSqlite3, file, options),
    ),
};

/** Opens a file by `better-sqlite3`. @throws DriverMissingError where it is not installed */
export const openBetterSqlite3: OpenEngine = (file, options) => {
  type Module = new (file: string, options: Record<string, unknown>) => BetterSqlite;
  const Database = loadClient<Module>("better-sqlite3", sqlite.title);
  try {
    return engineOf(new Database(file, options));
  } catch (error) {
    throw new OpenFailure(error, codeOf(error));
  }
};

/** SQLite's number for a failure, if it was SQLite that failed. One that is not in the table is still SQLite's: 1 is its general failure. */
function codeOf(error: unknown): number | undefined {
  const { name, code } = error as { name?: string; code?: string };
  return name === "SqliteError" && code !== undefined ? (sqliteCode(code) ?? 1) : undefined;
}

function engineOf(database: BetterSqlite): SqliteEngine {
  return {
    raw: database,
    get inTransaction() {
      return database.inTransaction;
    },
    get isOpen() {
      return database.open;
    },
    prepare: (text, again = false) => statementOf(database.prepare(text), again),
    exec: (text) => void database.exec(text),
    close: () => database.close(),
    // It takes no other statement while rows are read, unless it is told to; SQLite itself has no objection, and here no
    // connection is closed under a reader: https://www.sqlite.org/isolation.html
    iterating: (on) => void database.unsafeMode(on),
    codeOf,
  };
}

function statementOf(statement: BetterStatement, again: boolean): SqliteStatement {
  let wide = false;
  const widen = (): void => {
    wide = true;
    statement.safeIntegers(true);
  };
  if (!again) widen();
  if (statement.reader) statement.raw(true);
  return {
    // This client refuses text with several statements itself.
    rest: "",
    columns: () => (statement.reader ? statement.columns().map((column) => column.name) : []),
    all: (values) => {
      if (!wide) {
        const rows = allOf(statement, values);
        if (areExact(rows)) return rows;
        // It says nothing of digits that it has dropped.
        widen();
      }
      return allOf(statement, values).map(narrow);
    },
    run: (values) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes, lastInsertRowid: narrowed(BigInt(lastInsertRowid)) };
    },
    iterate: (values) => {
      widen();
      return narrowing(statement.iterate(...values));
    },
  };
}
