/** better-sqlite3 in a worker thread, as its own documentation shows it: statements come and rows go by messages. */
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { BetterSqlite3 } from "./sqlite.ts";

const { file, from } = workerData as { readonly file: string; readonly from: string };
const Database = createRequire(from)("better-sqlite3") as BetterSqlite3;
const db = new Database(file);
const prepared = new Map<string, ReturnType<typeof db.prepare>>();

parentPort?.on("message", ({ text, values }: { readonly text: string; readonly values: unknown[] }) => {
  let statement = prepared.get(text);
  if (statement === undefined) {
    statement = db.prepare(text);
    prepared.set(text, statement);
  }
  parentPort?.postMessage(statement.all(...values));
});
