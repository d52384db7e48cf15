import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OptionError } from "../base/error.ts";
import { here } from "../base/here.ts";
import { sqlite } from "../dialect/sqlite.ts";
import { betterSqlite3Driver } from "./better-sqlite3.ts";
import type { Driver } from "./driver.ts";
import { nodeSqliteDriver } from "./node-sqlite.ts";
import type { Desk } from "./sqlite-desk.ts";
import { openSqlite } from "./sqlite-open.ts";
import { SqliteThread } from "./sqlite-thread.ts";

/** Milliseconds for which a thread without a connection is kept for the next one, since starting one takes some 50 ms. */
const LINGER = 1000;

/** Milliseconds. Of less work a second thread takes off less than its messages cost the program's own thread. */
const NEGLIGIBLE = 0.5;

/**
 * The drivers for SQLite with each connection in a worker thread, at most `most` threads at a time. While there are fewer,
 * each connection gets a thread of its own, so that a long statement keeps nobody else waiting; then they share, and one
 * thread's statements run one after the other. A thread costs some 12 MB.
 */
export function threadedDrivers(most: number): readonly [Driver, Driver] {
  program ??= find();
  const code = program;
  // What was bundled into one file has no file for its threads, and does its work without them.
  if (code === "") return [nodeSqliteDriver, betterSqlite3Driver];
  const threads = new SqliteThreads(code, most);
  const threaded = (inThread: Driver): Driver => ({
    client: inThread.client,
    dialect: sqlite,
    pipelines: true,
    negligible: NEGLIGIBLE,
    connect: (target, signal) =>
      openSqlite(inThread.client, target, signal, (file, options) =>
        threads.open(inThread.client, file, options),
      ),
  });
  return [threaded(nodeSqliteDriver), threaded(betterSqlite3Driver)];
}

/** The threads of one database object. */
class SqliteThreads {
  readonly #code: string;
  readonly #most: number;
  readonly #threads = new Set<SqliteThread>();
  readonly #leaving = new Map<SqliteThread, NodeJS.Timeout>();

  constructor(code: string, most: number) {
    this.#code = code;
    this.#most = most;
  }

  async open(client: string, file: string, options: Record<string, unknown>): Promise<Desk> {
    checkOptions(options);
    const thread = this.#choose();
    clearTimeout(this.#leaving.get(thread));
    this.#leaving.delete(thread);
    return thread.open(client, file, options);
  }

  /** One that is empty, a new one, or the one with the fewest connections. */
  #choose(): SqliteThread {
    let best: SqliteThread | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.size < best.size) best = thread;
    if (best !== undefined && (best.size === 0 || this.#threads.size >= this.#most)) return best;
    const started = new SqliteThread(
      this.#code,
      (thread) => this.#linger(thread),
      (thread) => this.#forget(thread),
    );
    this.#threads.add(started);
    return started;
  }

  #linger(thread: SqliteThread): void {
    if (thread.gone || this.#leaving.has(thread)) return;
    const leave = (): void => {
      this.#forget(thread);
      void thread.end();
    };
    this.#leaving.set(thread, setTimeout(leave, LINGER).unref());
  }

  #forget(thread: SqliteThread): void {
    clearTimeout(this.#leaving.get(thread));
    this.#leaving.delete(thread);
    this.#threads.delete(thread);
  }
}

function checkOptions(options: Record<string, unknown>): void {
  try {
    structuredClone(options);
  } catch (error) {
    throw new OptionError(
      "driver",
      `What the option "driver" holds can't be handed to a worker thread: ${(error as Error).message} Leave that out, or keep the connections in this thread with workers: false.`,
      { cause: error },
    );
  }
}

/** The file of the threads' program; empty where there is none. Looked for once, by the first who needs it. */
let program: string | undefined;

/** It lies beside this file: as source, compiled, or in the CommonJS build. */
function find(): string {
  const place = here.startsWith("file:") ? fileURLToPath(here) : here;
  const file = join(dirname(place), "..", "driver", `sqlite-worker${place.endsWith(".ts") ? ".ts" : ".js"}`);
  if (existsSync(file)) return file;
  process.emitWarning(
    `apocryphan finds no file at ${file}, as when it was bundled, so SQLite connections live in the main thread, where a long statement stops everything else. Leave apocryphan out of the bundle, or say workers: false.`,
    { code: "APOCRYPHAN_NO_WORKERS" },
  );
  return "";
}
