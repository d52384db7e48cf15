import { existsSync } from "node:fs";
import { AbortError, ConnectError } from "../base/error.ts";
import { unprintable } from "../base/secret.ts";
import { sqlite } from "../dialect/sqlite.ts";
import type { Connection, Target } from "./driver.ts";
import { NoSuchFileError } from "./errors.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import type { Desk } from "./sqlite-desk.ts";
import type { OpenEngine, SqliteEngine } from "./sqlite-engine.ts";
import { LocalDesk } from "./sqlite-local-desk.ts";

/** Milliseconds for which a statement waits for somebody else's lock, where the options say nothing. */
const BUSY_TIMEOUT = 5000;

/** Why a file could not be opened, in a form that can go from one thread to another. */
export class OpenFailure extends Error {
  readonly errno: number | undefined;

  constructor(error: unknown, errno: number | undefined) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
    this.errno = errno;
  }
}

/**
 * Opens a file in this thread, and looks at it, so that a file that is no database is told of here.
 *
 * @throws OpenFailure; DriverMissingError where the client library is not installed
 */
export function openDesk(open: OpenEngine, file: string, options: Record<string, unknown>): LocalDesk {
  // The client's own waiting would stop the whole thread, and with it whoever is to give the lock back.
  const engine = open(file, { ...options, timeout: 0 });
  try {
    const [main] = engine.prepare("pragma database_list").all([]);
    look(engine);
    return new LocalDesk(engine, String(main?.[2] ?? ""));
  } catch (error) {
    engine.close();
    throw new OpenFailure(error, engine.codeOf(error));
  }
}

function look(engine: SqliteEngine): void {
  try {
    engine.prepare("pragma schema_version").all([]);
  } catch (error) {
    // A locked file is a good file.
    const errno = engine.codeOf(error);
    if (errno === undefined || kindOf(errno) !== "lockTimeout") throw error;
  }
}

/** Opens the target's file by `open`, which gives its desk in this thread or another. */
export async function openSqlite(
  client: string,
  target: Target,
  signal: AbortSignal,
  open: (file: string, options: Record<string, unknown>) => Desk | Promise<Desk>,
): Promise<Connection> {
  if (signal.aborted) throw new AbortError("A connect", { cause: signal.reason });
  const file = target.database ?? ":memory:";
  if (target.mustExist && !exists(file)) throw new NoSuchFileError(file);
  const { timeout = BUSY_TIMEOUT, ...options } = target.driver;
  let desk: Desk;
  try {
    desk = await open(file, options);
  } catch (error) {
    if (!(error instanceof OpenFailure)) throw error;
    const advice = error.errno === undefined ? undefined : ADVICE[kindOf(error.errno)];
    throw new ConnectError(`Could not open the SQLite file ${file}: ${advice ?? error.message}`, {
      cause: unprintable(error.cause, "SQLite driver error"),
    });
  }
  if (signal.aborted) {
    await desk.close();
    throw new AbortError("A connect", { cause: signal.reason });
  }
  try {
    return new SqliteConnection(desk, { client, name: file, patience: Number(timeout) });
  } catch (error) {
    await desk.close();
    throw error;
  }
}

/** Whether there is something to open: a file, or what is no file. A name may be a URI: https://www.sqlite.org/uri.html */
function exists(name: string): boolean {
  const uri = /^file:(?:\/\/[^/?#]*)?([^?#]*)(.*)$/.exec(name);
  const path = uri === null ? name : decodeURIComponent(uri[1] ?? "");
  return path === "" || path === ":memory:" || /\bmode=memory\b/.test(uri?.[2] ?? "") || existsSync(path);
}

function kindOf(errno: number): string {
  return sqlite.classify({ errno }).kind;
}

const ADVICE: Record<string, string> = {
  noDatabase: "it could not be opened or made. Does its folder exist, and may this user write there?",
  corrupt:
    "it is not a SQLite database, or it is damaged. Check the path, or restore the file from a backup.",
  permission: "this user may not read it. Check the file's permissions.",
};
