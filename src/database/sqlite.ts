import { sqlite } from "../dialect/sqlite.ts";
import { betterSqlite3Driver } from "../driver/better-sqlite3.ts";
import { nodeSqliteDriver } from "../driver/node-sqlite.ts";
import { threadedDrivers } from "../driver/sqlite-threads.ts";
import { Database } from "./database.ts";
import { direct, type Founder } from "./foundation.ts";
import { aloneInMemory, isInMemory, memorySource } from "./memory.ts";
import type { ConnectionOptions } from "./options.ts";

/** Without a pool, except for a database in memory, which can have only one connection. */
const directOrMemory: Founder = (binding, options, title) => {
  const foundation = direct(binding, options, title);
  if (!isInMemory(options)) return foundation;
  const { connector } = foundation;
  const source = memorySource((signal) => connector.open(signal), connector.origin);
  return { ...foundation, source, single: true, alone: aloneInMemory(source) };
};

/** A SQLite database, by Node.js's own `node:sqlite`, or by the npm package `better-sqlite3` where `client` says so. */
export class SQLiteDatabase extends Database {
  override get dialect(): "sqlite" {
    return "sqlite";
  }

  /**
   * @param options the file as `database` (or `":memory:"`), or a `sqlite:` URL
   * @throws OptionError where an option does not exist or does not fit; nothing is opened yet
   */
  constructor(options: ConnectionOptions, found: Founder = directOrMemory) {
    const drivers = [nodeSqliteDriver, betterSqlite3Driver] as const;
    super(found({ dialect: sqlite, drivers, threaded: threadedDrivers }, options, new.target.name));
  }
}
