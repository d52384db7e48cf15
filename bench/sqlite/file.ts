import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PooledSQLiteDatabase } from "apocryphan/pool";

/** Rows in the table. */
export const ROWS = 10_000;

/** A file with a table of contacts; the folder goes when the process does. */
export async function contactsFile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "apocryphan-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "contacts.db");
  const db = new PooledSQLiteDatabase({ database: file, workers: false });
  await db.withConnection(async () => {
    await db.sql("create table contacts (id integer primary key, name text, age int)");
    await db.sql(
      `with recursive c(x) as (select 0 union all select x + 1 from c where x < ${ROWS - 1})
      insert into contacts select x, 'name ' || x, x % 80 from c`,
    );
  });
  await db.closeAll();
  return file;
}
