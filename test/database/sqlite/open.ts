import { execFileSync } from "node:child_process";
import type { PooledOptions } from "apocryphan/pool";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { freshDatabase } from "../../support/database.ts";

type Context = { after(fn: () => Promise<void>): void };

/** Every way in which a pooled SQLite file can be reached. */
export const POOLED_WAYS: readonly { readonly title: string; readonly options: PooledOptions }[] = [
  { title: "node:sqlite in workers", options: {} },
  { title: "node:sqlite in one worker", options: { workers: 1 } },
  { title: "node:sqlite in this thread", options: { workers: false } },
  { title: "better-sqlite3 in workers", options: { client: "better-sqlite3" } },
  { title: "better-sqlite3 in this thread", options: { client: "better-sqlite3", workers: false } },
];

/** A pooled database in a new file, closed when the test is over. */
export async function openFile(context: Context, options: PooledOptions = {}) {
  const fresh = await freshDatabase("sqlite", context);
  const db = new PooledSQLiteDatabase({ database: fresh.name, ...options });
  context.after(() => db[Symbol.asyncDispose]());
  return { db, file: fresh.name };
}

/**
 * Runs a statement in another process. In this one it might be by another copy of SQLite than the library's, and two
 * copies undo each other's locks: https://www.sqlite.org/howtocorrupt.html
 */
export function elsewhere(file: string, text: string): void {
  const program = `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(file)}).exec(${JSON.stringify(text)})`;
  execFileSync(process.execPath, ["--no-warnings", "-e", program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** A query that keeps SQLite at work for a while: it counts to `n`; a million takes some 100 ms. */
export function counting(n: number): string {
  return `with recursive c(x) as (select 1 union all select x + 1 from c where x < ${n}) select max(x) as x from c`;
}
