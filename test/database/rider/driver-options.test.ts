import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SQLiteDatabase } from "../../../src/index.ts";
import { Rider } from "../../../src/rider.ts";
import { project } from "./project.ts";

test("statementLockTimeout leaves the other options that the driver was given as they are", async () => {
  const here = project({
    "1-look.ts": `import { step } from "apocryphan/rider";
export const depends: string[] = [];
export const steps = [step(async (db) => {
  await db.sql("create table seen as select foreign_keys from pragma_foreign_keys");
})];
`,
  });
  const db = new SQLiteDatabase({
    database: join(here.folder, "app.db"),
    driver: { enableForeignKeyConstraints: false },
  });
  const rider = new Rider(db, { source: join(here.folder, "migrations"), statementLockTimeout: "2s" });
  await rider.migrate();
  assert.deepEqual(await db.select("select * from seen"), [{ foreign_keys: 0 }]);
});
