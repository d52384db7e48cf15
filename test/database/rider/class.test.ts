import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../../src/base/error.ts";
import {
  DependencyError,
  DriftError,
  LockError,
  MigrateError,
  Rider,
  RiderError,
  RollbackError,
} from "../../../src/rider.ts";
import { freshDatabase } from "../../support/database.ts";
import { plain } from "../../support/open.ts";
import { failure, project, riderOn, rows } from "./project.ts";

test("the class has the original's members, and its configuration the original's defaults", async () => {
  const database = await freshDatabase("sqlite");
  const { config } = new Rider(plain(database));
  assert.deepEqual(
    [config.source, config.tableName, config.logName],
    ["./migrations", "_rider_migrations", "_rider_logs"],
  );

  const here = project();
  const rider = riderOn(database, here);
  await rider.initTables();
  assert.deepEqual(await rows(database, "select count(*) as n from _rider_migrations"), [{ n: 0 }]);
  const created = await rider.create({ message: "add contacts table" });
  assert.match(created.id, /^\d{10}-add-contacts-table$/);
  const [migration] = await rider.getMigrations();
  assert.equal(migration?.id, created.id);
  assert.equal(migration?.description, "add contacts table");
  assert.equal(await rider.applied(created.id), null);
  await rider.migrate();
  assert.ok((await rider.applied(created.id)) instanceof Date);
  assert.equal((await rider.migrations())[0]?.state, "applied");
  assert.deepEqual((await rider.run({ query: "select 1 as n" })).rows, [{ n: 1 }]);
  await rider.rollback({ all: true });
  assert.equal(await rider.applied(created.id), null);
});

test("parseArgs carries out a command line and gives its exit code", async () => {
  const database = await freshDatabase("sqlite");
  const here = project({ "1-a.sql": "create table a (id int);" });
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    assert.equal(await riderOn(database, here).parseArgs(["check"]), 3);
    assert.equal(await riderOn(database, here).parseArgs(["migrate", "--json"]), 0);
    assert.equal(await riderOn(database, here).parseArgs(["check"]), 0);
  } finally {
    process.stdout.write = write;
  }
  assert.match(written.join(""), /"applied": \[\s*"1-a"\s*\]/);
  assert.deepEqual(await rows(database, "select count(*) as n from a"), [{ n: 0 }]);
});

test("bad arguments are refused before anything happens, with the nearest name", async () => {
  const database = await freshDatabase("sqlite");
  const db = plain(database);
  assert.throws(() => new Rider(db, { sourcee: "x" } as never), {
    name: "OptionError",
    message: /Did you mean "source"\?/,
  });
  assert.throws(() => new Rider(db, { transaction: "all" } as never), { name: "OptionError" });
  assert.throws(() => new Rider(db, { lockTimeout: "soon" }), { name: "OptionError" });
  assert.throws(() => new Rider({} as never), {
    name: "OptionError",
    message: /Rider needs a database object/,
  });
  assert.throws(() => new Rider(db).migrate({ dryrun: true } as never), {
    name: "OptionError",
    message: /Did you mean "dryRun"\?/,
  });
  assert.ok((await failure(new Rider(db).run({ query: "" }))) instanceof OptionError);
});

test("every error of Rider's is a RiderError with a code of its own", () => {
  const errors = [
    new MigrateError("x"),
    new RollbackError("x"),
    new DependencyError("x"),
    new LockError("x"),
    new DriftError("x"),
  ];
  assert.ok(errors.every((error) => error instanceof RiderError));
  assert.equal(new Set(errors.map(({ code }) => code)).size, errors.length);
});

test("tables may have other names, also with signs in them, and a schema", async () => {
  const sqlite = await freshDatabase("sqlite");
  const here = project({ "1-a.sql": "create table a (id int);", "1-a.rollback.sql": "drop table a;" });
  const odd = riderOn(sqlite, here, { tableName: 'odd "name"; drop table x', logName: "select" });
  await odd.migrate();
  assert.deepEqual((await odd.rollback({ all: true })).rolledBack, ["1-a"]);
  const postgres = await freshDatabase("postgresql");
  await postgres.exec("create schema ops");
  const inSchema = riderOn(postgres, here, { tableName: "ops.moved", logName: "ops.moves" });
  await inSchema.migrate();
  assert.deepEqual(await rows(postgres, "select migration from ops.moved"), [{ migration: "1-a" }]);
});

test("replicas of a server that migrate at their start agree on who does", async () => {
  const database = await freshDatabase("postgresql");
  const here = project({ "1-a.sql": "create table a (id int);\ninsert into a values (1);" });
  const results = await Promise.all(Array.from({ length: 5 }, () => riderOn(database, here).migrate()));
  assert.deepEqual(results.map(({ applied }) => applied.length).sort(), [0, 0, 0, 0, 1]);
  assert.deepEqual(await rows(database, "select id from a"), [{ id: 1 }]);
});
