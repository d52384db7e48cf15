import {
  type PooledDatabase,
  PooledMySQLDatabase,
  PooledPostgreSQLDatabase,
  PooledSQLiteDatabase,
} from "apocryphan/pool";

/** The examples' database, with a table of contacts: the one that `url` names, or one in memory. */
export async function databaseOf(url = "sqlite::memory:"): Promise<PooledDatabase> {
  const Class = url.startsWith("postgres")
    ? PooledPostgreSQLDatabase
    : url.startsWith("sqlite")
      ? PooledSQLiteDatabase
      : PooledMySQLDatabase;
  const db = new Class({ url, maxConnections: 10, timeout: "5s" });
  const key = {
    postgresql: "serial primary key",
    mysql: "int auto_increment primary key",
    sqlite: "integer primary key",
  }[db.dialect];
  await db.withConnection(async () => {
    await db.sql(`create table if not exists contacts (id ${key}, name varchar(100) not null unique)`);
  });
  return db;
}
