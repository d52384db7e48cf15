/*
 * A program on a disk that fills up: `node full-disk.ts FOLDER OPTIONS`, FOLDER being the only thing on that disk, and OPTIONS
 * the pool's in JSON. Ends with 0 where nothing was lost, and all went on once there was room again.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseError } from "apocryphan";
import { PooledSQLiteDatabase } from "apocryphan/pool";

const folder = process.argv[2] ?? "";
const options = JSON.parse(process.argv[3] ?? "{}");
const db = new PooledSQLiteDatabase({
  database: join(folder, "app.db"),
  maxConnections: 3,
  timeout: "5s",
  ...options,
});
const ballast = join(folder, "ballast");
const room = 300_000;

/** Fills the disk but for `room` bytes. */
function fill(): void {
  const chunk = Buffer.alloc(64 * 1024, 1);
  let size = 0;
  try {
    for (;;) {
      writeFileSync(ballast, chunk, { flag: "a" });
      size += chunk.length;
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
  rmSync(ballast);
  writeFileSync(ballast, Buffer.alloc(size - room, 1));
}

const insert = () => db.withConnection(() => db.sql("insert into t (a) values (zeroblob(3000))"));
const count = () =>
  db.withConnection(async () => (await db.get<{ n: number }>("select count(*) as n from t")).n);

await db.withConnection(() => db.sql("create table t (id integer primary key, a blob)"));
fill();

// Until the disk is full, each row is there or was refused.
let done = 0;
let refused: unknown;
while (refused === undefined && done < 1000) {
  await insert().then(
    () => done++,
    (error) => {
      refused = error;
    },
  );
}
assert.ok(refused instanceof DatabaseError, String(refused));
assert.equal(refused.kind, "full", refused.message);
assert.ok(done > 0);
assert.equal(await count(), done, "readers go on, and find what was committed");
await assert.rejects(
  db.withConnection(() =>
    db.atomic(async () => {
      for (let i = 0; i < 200; i++) await db.sql("insert into t (a) values (zeroblob(3000))");
    }),
  ),
  { kind: "full" },
);
assert.equal(await count(), done, "a transaction is all or nothing");

// Somebody cleans up, and all goes on without a restart.
rmSync(ballast);
for (let i = 0; i < 50; i++) await insert();
assert.equal(await count(), done + 50);
assert.deepEqual(await db.withConnection(() => db.select("pragma integrity_check")), [
  { integrity_check: "ok" },
]);
assert.equal(db.stats().inUse, 0);
await db.closeAll();
console.log(`${done} rows until the disk was full`);
