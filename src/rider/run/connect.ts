import { milliseconds } from "../../base/duration.ts";
import type { Database } from "../../database/database.ts";
import { type DedicatedOptions, openDedicated, openExisting } from "../../database/dedicated.ts";
import type { FullConfig } from "./config.ts";
import type { Guard } from "./guard.ts";
import { guardMysql } from "./guard-mysql.ts";
import { guardPostgresql } from "./guard-postgresql.ts";
import { guardSqlite } from "./guard-sqlite.ts";
import type { Patience } from "./patience.ts";
import type { Session } from "./session.ts";
import type { Who } from "./who.ts";

/** A connection of Rider's own, and how to take the lock with it. */
export interface Line {
  /** For reading the history; the lock is taken with it. */
  readonly session: Session;
  /** Takes the lock. From then on the guard owns the session, and closes it. */
  guard(config: FullConfig, patience: Patience): Promise<Guard>;
}

/** Whether a command may change anything: one that only reads makes no database either. */
export type Purpose = "read" | "write";

/** Opens a connection outside the pool and outside `maxConnections`. Nothing is written. */
export async function openLine(db: Database, who: Who, config: FullConfig, purpose: Purpose): Promise<Line> {
  switch (db.dialect) {
    case "postgresql":
      return postgresqlLine(db, who);
    case "mysql":
      return mysqlLine(db);
    case "sqlite":
      return sqliteLine(db, who, config, purpose);
  }
}

async function postgresqlLine(db: Database, who: Who): Promise<Line> {
  // The server cuts names after 63 bytes; the number at the end should be among those that stay.
  const label = `${`${who.username}@${who.hostname}`.slice(0, 28)}:${who.pid}`;
  const open = (what: string): Promise<Session> =>
    openDedicated(db, { applicationName: `rider ${who.run} ${what} ${label}` });
  const session = await open("lock");
  return {
    session,
    guard: (config, patience) =>
      guardPostgresql(session, () => open("work"), who, config.tableName, patience),
  };
}

async function mysqlLine(db: Database): Promise<Line> {
  const session = await openDedicated(db, {});
  return {
    session,
    async guard(config, patience) {
      const guard = await guardMysql(session, config.tableName, patience);
      if (config.statementLockTimeout !== undefined) {
        // Both count whole seconds, and 0 would be refused.
        const seconds = Math.max(
          1,
          Math.round(milliseconds("statementLockTimeout", config.statementLockTimeout) / 1000),
        );
        await session.sql(`set session lock_wait_timeout = ${seconds}`);
        await session.sql(`set session innodb_lock_wait_timeout = ${seconds}`);
      }
      return guard;
    },
  };
}

async function sqliteLine(
  db: Database,
  who: Who,
  { statementLockTimeout }: FullConfig,
  purpose: Purpose,
): Promise<Line> {
  // The driver waits for locks itself, so that the program goes on meanwhile; it takes the time when it connects.
  const wait: DedicatedOptions =
    statementLockTimeout === undefined
      ? {}
      : { driver: { timeout: milliseconds("statementLockTimeout", statementLockTimeout) } };
  let session: Session | undefined = await openExisting(db, wait);
  let file = "";
  if (session === undefined && purpose === "read") {
    // Reading an empty database stands in for reading a file that is not there, so that no typo in its name leaves one behind.
    session = await openDedicated(db, { ...wait, database: ":memory:" });
  } else {
    session ??= await openDedicated(db, wait);
    file = await mainFile(session);
    if (file === "") {
      // A database in memory is its one connection; another would be another database.
      await session.close();
      session = await borrow(db);
    }
  }
  const own = session;
  return {
    session: own,
    async guard(_config, patience) {
      // The same database object on another file, whose statements do not wait for a lock.
      const open = (path: string): Promise<Session> =>
        openDedicated(db, { database: path, driver: { timeout: 0 } });
      return guardSqlite(own, open, file, who, patience);
    },
  };
}

/** The whole path of the file behind a connection; empty where there is none. */
async function mainFile(session: Session): Promise<string> {
  const [main] = await session.select<{ file: string | null }>(
    "select file from pragma_database_list where name = 'main'",
  );
  return main?.file ?? "";
}

/** Holds a connection of the database object's own until `close`. */
function borrow(db: Database): Promise<Session> {
  return new Promise((resolve, reject) => {
    const scope = db.withConnection(
      (handle) =>
        new Promise<void>((end) => {
          const session = new Proxy(handle, {
            get(target, name) {
              if (name === "close") {
                return async () => {
                  end();
                  await scope;
                };
              }
              const own: unknown = Reflect.get(target, name, target);
              return typeof own === "function" ? own.bind(target) : own;
            },
          });
          resolve(session);
        }),
    );
    scope.catch(reject);
  });
}
