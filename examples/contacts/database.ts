import {
  type PooledDatabase,
  PooledMySQLDatabase,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "apocryphan/pool";

/** Most programs know their database and write one of the three classes; the demo runs on whichever the URL names. */
function open(url: string): PooledDatabase {
  const options = {
    url,
    maxConnections: 16,
    timeout: "5s", // a request waits so long for a free connection, first come, first served
  };
  if (url.startsWith("postgres")) return new PooledPostgreSQLDatabase(options);
  if (url.startsWith("sqlite:")) return new PooledSQLiteDatabase(options);
  return new PooledMySQLDatabase(options);
}

/** The one database object of the program. No connection is opened before the first is needed. */
export const db = open(process.env.DATABASE_URL ?? "sqlite:contacts.db");
