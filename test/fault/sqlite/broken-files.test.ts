import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { describe, test } from "node:test";
import { DatabaseError } from "apocryphan";
import { elsewhere, openFile, POOLED_WAYS } from "../../database/sqlite/open.ts";
import { until } from "../../support/wait.ts";

/** A refused statement's kind; fails where it was not the database that refused. */
async function kindOf(running: Promise<unknown>): Promise<string> {
  const error = await running.then(
    () => assert.fail("it was to be refused"),
    (e: unknown) => e,
  );
  assert.ok(error instanceof DatabaseError, String(error));
  return error.kind;
}

/** Another process that locks `file` by `text`, until it is killed. */
async function locker(file: string, text: string): Promise<ChildProcess> {
  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const db = new DatabaseSync(${JSON.stringify(file)});
    db.exec(${JSON.stringify(text)});
    console.log("locked");
    setInterval(() => db.isOpen, 1000);
  `;
  const child = spawn(process.execPath, ["--no-warnings", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", () => reject(new Error("the other process ended")));
  });
  return child;
}

for (const { title, options } of POOLED_WAYS) {
  describe(`files with something wrong, ${title}`, () => {
    test("a full disk is told as such, the transaction's state is honest, and all goes on after it", async (t) => {
      const { db } = await openFile(t, {
        ...options,
        maxConnections: 1,
        // What a full disk gives, without one: https://www.sqlite.org/pragma.html#pragma_max_page_count
        onConnect: (conn) => conn.sql("pragma max_page_count = 20"),
      });
      await db.withConnection(async () => {
        await db.sql("create table t (a blob)");
        const fill = () => db.sql("insert into t values (zeroblob(1000000))");
        assert.equal(await kindOf(fill()), "full");
        assert.deepEqual(await db.get("select count(*) as n from t"), { n: 0 });
        await assert.rejects(
          db.atomic(async () => {
            await db.sql("insert into t values (1)");
            await fill();
          }),
          { kind: "full" },
        );
        assert.deepEqual(await db.get("select count(*) as n from t"), { n: 0 });
        // Where it is caught, nothing is committed that the database has given up.
        await db
          .atomic(async () => {
            await db.sql("insert into t values (2)");
            await fill().catch(() => {});
            await db.sql("insert into t values (3)");
          })
          .catch(() => {});
        const { n } = await db.get<{ n: number }>("select count(*) as n from t");
        assert.ok(n === 0 || n === 2, "all or nothing");
        await db.sql("insert into t values (4)");
      });
      assert.equal(db.stats().connects, 1);
    });

    test("a file that another process has locked is waited for, then told of; it is free when that dies", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 3, driver: { timeout: 150 } });
      await db.withConnection(() => db.sql("create table t (a int)"));
      const other = await locker(file, "begin immediate");
      t.after(() => other.kill("SIGKILL"));
      await db.withConnection(async () => {
        assert.equal(await kindOf(db.sql("insert into t values (1)")), "lockTimeout");
        assert.equal(await kindOf(db.atomic(() => 1)), "lockTimeout");
        assert.deepEqual(await db.get("select count(*) as n from t"), { n: 0 }, "readers go on");
      });
      other.kill("SIGKILL");
      await db.withConnection(() => until("the lock is free", () => db.sql("insert into t values (2)")));
    });

    test("a file locked for all, at the first connect too", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 3, driver: { timeout: 100 } });
      const other = await locker(file, "create table t (a int); begin exclusive");
      t.after(() => other.kill("SIGKILL"));
      await db.withConnection(async () => {
        assert.equal(await kindOf(db.select("select * from t")), "lockTimeout");
      });
      other.kill("SIGKILL");
      await db.withConnection(() => until("the lock is free", () => db.select("select * from t")));
    });

    test("a corrupt file is told of, and its connection is not used again", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 1 });
      await db.withConnection(async () => {
        await db.sql("create table t (a text)");
        await db.sql(
          "insert into t select hex(randomblob(400)) from (with recursive c(x) as (select 1 union all select x + 1 from c where x < 500) select x from c)",
        );
        await db.select("pragma wal_checkpoint(truncate)");
      });
      await db.closeAll();
      const handle = openSync(file, "r+");
      const size = readFileSync(file).byteLength;
      writeSync(handle, Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 4096);
      await db.withConnection(async () => {
        assert.equal(await kindOf(db.select("select sum(length(a)) from t")), "corrupt");
      });
      assert.equal(db.stats().open, 0);
      await db.closeAll();
      writeFileSync(file, "this was a database once, and is none now".repeat(100));
      await assert.rejects(db.connect(), { code: "CONNECT_FAILED", message: /not a SQLite database/ });
    });

    test("a deleted file is noticed, and nobody goes on writing into the void", async (t) => {
      const { db, file } = await openFile(t, { ...options, maxConnections: 2 });
      await db.withConnection(() => db.sql("create table t (a int)"));
      for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
      await until("the new file is in use", async () => {
        await db.withConnection(() => db.sql("create table if not exists second (a int)"));
        return existsSync(file);
      });
      await db.withConnection(async () => {
        await assert.rejects(db.select("select * from t"), /no such table/);
        assert.deepEqual(await db.select("select * from second"), []);
      });
    });
  });
}

test("a file that may only be read gives its rows, and refuses writes by name", async (t) => {
  for (const { title, options } of POOLED_WAYS) {
    // Also for root, who may write into any file.
    const driver = options.client === "better-sqlite3" ? { readonly: true } : { readOnly: true };
    const { db, file } = await openFile(t, { ...options, driver });
    elsewhere(file, "create table t (a int); insert into t values (1)");
    chmodSync(file, 0o444);
    await db.withConnection(async () => {
      assert.deepEqual(await db.select("select a from t"), [{ a: 1 }], title);
      assert.equal(await kindOf(db.sql("insert into t values (2)")), "readOnly", title);
      assert.equal(await kindOf(db.atomic(() => db.sql("insert into t values (2)"))), "readOnly", title);
      assert.deepEqual(await db.select("select a from t"), [{ a: 1 }], title);
    });
    await db.closeAll();
  }
});
