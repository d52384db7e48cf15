import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { peer, peersFolder } from "../harness/peers.ts";

/** Somebody who runs queries on a SQLite file. */
export interface SQLite {
  select<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<unknown>;
}

/** @param workers how many threads it may use; 0: none but the program's own */
export function ours(file: string, client: "node:sqlite" | "better-sqlite3", workers: number): SQLite {
  const db = new PooledSQLiteDatabase({
    ...{ database: file, client, autoconnect: true, timeout: 0 },
    workers: workers === 0 ? false : workers,
  });
  return { select: (text, values) => db.select(text, values), close: () => db.closeAll() };
}

interface Statement {
  all(...values: unknown[]): unknown[];
}

/** better-sqlite3, as installed for the comparison. */
export type BetterSqlite3 = new (file: string) => { prepare(text: string): Statement; close(): void };

/** Prepares each text once, as its documentation says one should. */
function inThread(db: { prepare(text: string): Statement; close(): void }): SQLite {
  const prepared = new Map<string, Statement>();
  return {
    async select<Row>(text: string, values: readonly unknown[]) {
      let statement = prepared.get(text);
      if (statement === undefined) {
        statement = db.prepare(text);
        prepared.set(text, statement);
      }
      return statement.all(...values) as Row[];
    },
    close: async () => db.close(),
  };
}

export async function betterSqlite3(file: string): Promise<SQLite> {
  const Database = await peer<BetterSqlite3>("better-sqlite3");
  return inThread(new Database(file));
}

export function nodeSqlite(file: string): SQLite {
  const db = new DatabaseSync(file);
  const prepare = (text: string): Statement => db.prepare(text) as unknown as Statement;
  return inThread({ prepare, close: () => db.close() });
}

/** better-sqlite3 in a worker thread of its own; answers come in the order of the questions. */
export function betterSqlite3InWorker(file: string): SQLite {
  const from = join(peersFolder(), "package.json");
  const worker = new Worker(new URL("./better-worker.ts", import.meta.url), { workerData: { file, from } });
  const waiting: { resolve(rows: unknown): void; reject(error: unknown): void }[] = [];
  let head = 0;
  worker.on("message", (rows: unknown) => {
    waiting[head++]?.resolve(rows);
    if (head === waiting.length) {
      waiting.length = 0;
      head = 0;
    }
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting) reject(error);
  });
  return {
    select: <Row>(text: string, values: readonly unknown[]) =>
      new Promise<readonly Row[]>((resolve, reject) => {
        waiting.push({ resolve: (rows) => resolve(rows as readonly Row[]), reject });
        worker.postMessage({ text, values });
      }),
    close: () => worker.terminate(),
  };
}
