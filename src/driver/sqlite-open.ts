import { AbortError, ConnectError } from "../base/error.ts";
import { unprintable } from "../base/secret.ts";
import { sqlite } from "../dialect/sqlite.ts";
import type { Connection, Target } from "./driver.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import type { SqliteEngine } from "./sqlite-engine.ts";

/** Milliseconds for which a statement waits for somebody else's lock, where the options say nothing. */
const BUSY_TIMEOUT = 5000;

/** Opens the target's file with `open`, and looks at it, so that a file that is no database is told of here. */
export async function openSqlite(
  target: Target,
  signal: AbortSignal,
  open: (file: string, options: Record<string, unknown>) => SqliteEngine,
): Promise<Connection> {
  if (signal.aborted) throw new AbortError("A connect", { cause: signal.reason });
  const file = target.database ?? ":memory:";
  // The client's own waiting would stop the whole thread, and with it whoever is to give the lock back.
  const { timeout = BUSY_TIMEOUT, ...options } = target.driver;
  let engine: SqliteEngine | undefined;
  try {
    engine = open(file, { ...options, timeout: 0 });
    engine.prepare("pragma schema_version").all([]);
  } catch (error) {
    const code = engine?.codeOf(error) ?? (error as { errcode?: number }).errcode;
    const kind = code === undefined ? undefined : sqlite.classify({ errno: code }).kind;
    // A locked file is a good file.
    if (engine === undefined || kind !== "lockTimeout") {
      engine?.close();
      throw new ConnectError(
        `Could not open the SQLite file ${file}: ${ADVICE[kind ?? ""] ?? (error as Error).message}`,
        {
          cause: unprintable(error, "SQLite driver error"),
        },
      );
    }
  }
  return new SqliteConnection(engine, file, Number(timeout));
}

const ADVICE: Record<string, string> = {
  noDatabase: "it could not be opened or made. Does its folder exist, and may this user write there?",
  corrupt:
    "it is not a SQLite database, or it is damaged. Check the path, or restore the file from a backup.",
  permission: "this user may not read it. Check the file's permissions.",
};
