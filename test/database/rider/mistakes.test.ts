import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import type { RiderConfig } from "../../../src/rider.ts";
import { type FreshDatabase, freshDatabase, type Kind } from "../../support/database.ts";
import { failure, type Project, project, riderOn } from "./project.ts";

/** One mistake: what is in the folder, and every word of the error. `$` stands for the folder of migrations, `£` for SQLite's file, `#` for host and port. */
interface Mistake {
  readonly what: string;
  readonly kind: Kind;
  readonly files: Readonly<Record<string, string>>;
  readonly config?: RiderConfig;
  readonly before?: (database: FreshDatabase, here: Project) => Promise<unknown>;
  readonly run?: "rollback";
  readonly says: string;
}

const A = { "1-a.sql": "create table a (id int);" };

const UNDONE = "The transaction was rolled back and the database is as it was before this run.";
const AS_BEFORE = `${UNDONE} Mend the migration and run \`rider migrate\` again.`;
const ROOM = "Make room where the database keeps its files";

/** What is said of a statement that a function called, in its line 5. */
const REFUSED = {
  sqlite: `The migration 1-a could not be applied: step 1 in $/1-a.ts (line 5, column 34) failed. SQLite refused a statement: no such table: nowhere [1]. ${AS_BEFORE} (MIGRATE_FAILED)`,
  mysql:
    "The migration 1-a could not be applied: step 1 in $/1-a.ts (line 5, column 34) failed. MySQL refused a statement: Table '£.nowhere' doesn't exist [42S02]. It stands outside a transaction, so 0 of its 1 statements are done and stay, and the rest is not done; nothing else was changed by this run. This is recorded: mend the statement (not those before it) and run `rider migrate` again, which goes on from there. (MIGRATE_FAILED)",
};

const MISTAKES: readonly Mistake[] = [
  {
    what: "wrong SQL in the middle, in a transaction",
    kind: "postgresql",
    files: { ...A, "2-b.sql": "create table b (id int);\n\ncreate table c (\n  id int,\n  n itn\n);" },
    says: `The migration 2-b could not be applied: statement 2 of step 1 in $/2-b.sql (line 3, column 1) failed (\`create table c ( id int, n itn )\`). PostgreSQL refused a statement: type "itn" does not exist [42704]. The database points at line 5, column 5. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "wrong SQL in the middle, where each migration has a transaction",
    kind: "postgresql",
    config: { transaction: "migration" },
    files: { ...A, "2-b.sql": "selec 1" },
    says: 'The migration 2-b could not be applied: statement 1 of step 1 in $/2-b.sql (line 1, column 1) failed (`selec 1`). PostgreSQL refused a statement: syntax error at or near "selec" [42601]. Its transaction was rolled back; finished before it in this run and kept: 1-a. Mend the migration and run `rider migrate` again. (MIGRATE_FAILED)',
  },
  {
    what: "wrong SQL in the middle, where DDL can't be rolled back",
    kind: "mysql",
    files: { ...A, "2-b.sql": "create table b (id int);\ncreate table c (n itn);\ncreate table d (id int);" },
    says: "The migration 2-b could not be applied: statement 2 of step 1 in $/2-b.sql (line 2, column 1) failed (`create table c (n itn)`). MySQL refused a statement: Unknown data type: 'itn' [HY000]. It stands outside a transaction, so 1 of its 3 statements are done and stay, and the rest is not done; finished before it in this run and kept: 1-a. This is recorded: mend the statement (not those before it) and run `rider migrate` again, which goes on from there. (MIGRATE_FAILED)",
  },
  {
    what: "wrong SQL on SQLite",
    kind: "sqlite",
    files: { ...A, "2-b.sql": "insert into b values (1);" },
    says: `The migration 2-b could not be applied: statement 1 of step 1 in $/2-b.sql (line 1, column 1) failed (\`insert into b values (1)\`). SQLite refused a statement: no such table: b [1]. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a duplicated id",
    kind: "sqlite",
    files: { ...A, "1-a.ts": "" },
    says: "The id 1-a belongs to 2 files: $/1-a.sql and $/1-a.ts. An id is a file's name without its ending, and may be there once; rename or remove the others. Nothing was run. (DEPENDENCY)",
  },
  {
    what: "a dependency's typo",
    kind: "sqlite",
    files: { "1-add.sql": "", "2-b.sql": "-- depends: 1-ad" },
    says: "The migration $/2-b.sql depends on 1-ad, which does not exist. Did you mean 1-add? Nothing was run. (DEPENDENCY)",
  },
  {
    what: "a cycle",
    kind: "sqlite",
    files: { "1-a.sql": "-- depends: 2-b", "2-b.sql": "-- depends: 1-a" },
    says: "The migrations depend on each other in a circle, so none of them can be first: 1-a → 2-b → 1-a (each depends on the next; in $/1-a.sql and $/2-b.sql). Remove one of these dependencies. Nothing was run. (DEPENDENCY)",
  },
  {
    what: "a missing comma",
    kind: "sqlite",
    files: { "1-a.js": 'export const steps = [\n  "a"\n  "b"\n];' },
    says: "The migration $/1-a.js can't be read. Line 3: Expected ',', got 'string literal'. Nothing was run. (RIDER)",
  },
  {
    what: "no right to create Rider's tables",
    kind: "postgresql",
    files: A,
    before: (database) => database.exec("drop schema public cascade"),
    says: "Rider can't make its tables _rider_migrations and _rider_logs, in which it records what it does. PostgreSQL refused a statement: no schema has been selected to create in [3F000]. Nothing was run. Let this user create tables there, or have them made by one who may. (RIDER)",
  },
  {
    what: "a lock held by somebody",
    kind: "postgresql",
    config: { statementLockTimeout: "200ms" },
    files: { ...A, "2-b.sql": "alter table held add column n int;" },
    before: async (database) => {
      await database.exec("create table held (id int)");
      const { Client } = await import("pg");
      const client = new Client(database.url);
      // The database is dropped with whoever is still connected.
      client.on("error", () => {});
      await client.connect();
      await client.query("begin; lock table held");
    },
    says: `The migration 2-b could not be applied: statement 1 of step 1 in $/2-b.sql (line 1, column 1) failed (\`alter table held add column n int\`). PostgreSQL refused a statement: canceling statement due to lock timeout [55P03]. ${UNDONE} Wait until what holds the lock has ended (or end it) and run \`rider migrate\` again. (MIGRATE_FAILED)`,
  },
  {
    what: "a full disk",
    kind: "sqlite",
    files: {
      "1-a.sql":
        "create table a (t text);\npragma max_page_count = 20;\ninsert into a select hex(zeroblob(100000));",
    },
    says: `The migration 1-a could not be applied: statement 3 of step 1 in $/1-a.sql (line 3, column 1) failed (\`insert into a select hex(zeroblob(100000))\`). SQLite refused a statement: database or disk is full [13]. ${UNDONE} ${ROOM} and run \`rider migrate\` again. (MIGRATE_FAILED)`,
  },
  {
    what: "a full disk outside a transaction",
    kind: "sqlite",
    files: {
      "1-a.sql":
        "-- transactional: false\ncreate table a (t text);\npragma max_page_count = 20;\ninsert into a select hex(zeroblob(100000));",
    },
    says: "The migration 1-a could not be applied: statement 3 of step 1 in $/1-a.sql (line 4, column 1) failed (`insert into a select hex(zeroblob(100000))`). SQLite refused a statement: database or disk is full [13]. It stands outside a transaction, so 2 of its 3 statements are done and stay, and the rest is not done; nothing else was changed by this run. This is recorded: make room where the database keeps its files and run `rider migrate` again, which goes on from there. (MIGRATE_FAILED)",
  },
  {
    what: "no right to what a migration does",
    kind: "postgresql",
    files: { "1-a.sql": "set local role pg_monitor;\ncreate table public.a (id int);" },
    says: `The migration 1-a could not be applied: statement 2 of step 1 in $/1-a.sql (line 2, column 1) failed (\`create table public.a (id int)\`). PostgreSQL refused a statement: permission denied for schema public [42501]. ${UNDONE} Give this user the right, or take one who has it, and run \`rider migrate\` again. (MIGRATE_FAILED)`,
  },
  {
    what: "a lock file that can't be opened",
    kind: "sqlite",
    files: A,
    before: async (database) => mkdirSync(`${database.name}-rider-lock`),
    says: "Rider can't take its lock in the file £-rider-lock. Could not open the SQLite file £-rider-lock: it could not be opened or made. Does its folder exist, and may this user write there? Nothing was changed. Make that folder writable for this user, since SQLite keeps its own journal there too. (LOCK)",
  },
  {
    what: "a lost connection in the middle of a transaction",
    kind: "postgresql",
    files: { "1-a.sql": "create table a (id int);\nselect pg_terminate_backend(pg_backend_pid());" },
    says: "The migration 1-a could not be applied: statement 2 of step 1 in $/1-a.sql (line 2, column 1) failed (`select pg_terminate_backend(pg_backend_pid())`). The connection to PostgreSQL at # is gone: the server or the network closed it. The transaction was rolled back and the database is as it was before this run. Run `rider migrate` again. (MIGRATE_FAILED)",
  },
  {
    what: "a lost connection where DDL can't be rolled back",
    kind: "mysql",
    files: { "1-a.sql": "create table a (id int);\nkill connection_id();" },
    says: "The migration 1-a could not be applied: statement 2 of step 1 in $/1-a.sql (line 2, column 1) failed (`kill connection_id()`). The connection to MySQL at # is gone: the server or the network closed it. The connection was lost before the answer came, so it is not known here whether that statement took effect; nothing else was changed by this run. Run `rider migrate` again, which finds out and goes on from there. (MIGRATE_FAILED)",
  },
  {
    what: "a constraint that is checked at the end",
    kind: "postgresql",
    files: {
      "1-a.sql":
        "create table a (id int primary key);\ncreate table b (a int references a deferrable initially deferred);\ninsert into b values (7);",
    },
    says: `The migration 1-a could not be applied: the end of its transaction (checks, records and commit; $/1-a.sql) failed. PostgreSQL refused a statement: insert or update on table "b" violates foreign key constraint "b_a_fkey" [23503]. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a function that throws",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => { throw new RangeError("too far"); })];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts (line 2, column 42) failed. RangeError: too far. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  ...(["sqlite", "mysql"] as const).map(
    (kind): Mistake => ({
      what: `a statement that ${kind} refuses to a function`,
      kind,
      files: {
        "1-a.ts":
          'import { step } from "apocryphan/rider";\ntype Row = { id: number };\nexport const steps = [\n  step(async (db) => {\n    const rows: Row[] = await db.select("select id from nowhere");\n  }),\n];',
      },
      says: REFUSED[kind],
    }),
  ),
  {
    what: "a function that is rejected with nothing",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => Promise.reject())];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts failed. It threw undefined, which is not an Error. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a function that throws an object of its own",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => { throw { table: "contacts", password: "Tr0mbone-7" }; })];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts failed. It threw an object with the fields table, password, which is not an Error. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a function that throws an answer with a message",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => Promise.reject({ message: "quota exceeded", code: 429 }))];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts failed. It threw an object that says "quota exceeded" [429], which is not an Error. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a function that throws an error of several parts",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => { throw new AggregateError([new Error("connect ECONNREFUSED ::1:80"), new Error("no route")]); })];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts (line 2, column 42) failed. AggregateError: connect ECONNREFUSED ::1:80; no route. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a function that throws an error without a word",
    kind: "sqlite",
    files: {
      "1-a.ts":
        'import { step } from "apocryphan/rider";\nexport const steps = [step(() => { throw new TypeError(); })];',
    },
    says: `The migration 1-a could not be applied: step 1 in $/1-a.ts (line 2, column 42) failed. TypeError: it has no message. ${AS_BEFORE} (MIGRATE_FAILED)`,
  },
  {
    what: "a statement that commits",
    kind: "mysql",
    files: { "1-a.sql": "start transaction;\nupdate a set n = 1;\ncommit;" },
    says: "Statement 1 of step 1 in $/1-a.sql (line 1, column 1) can't be run: `start transaction`. It begins or ends a transaction. Rider begins and commits transactions itself: leave it out. What belongs together in one transaction outside of Rider's can be run by a function step with db.atomic. Statement 3 of step 1 in $/1-a.sql (line 3, column 1) can't be run: `commit`. It begins or ends a transaction. Rider begins and commits transactions itself: leave it out. What belongs together in one transaction outside of Rider's can be run by a function step with db.atomic. Nothing was run. (RIDER)",
  },
  {
    what: "copy from the client",
    kind: "postgresql",
    files: { "1-a.sql": "copy a from stdin;" },
    says: "The migration $/1-a.sql can't be read. COPY … FROM stdin takes its rows from the client, and a migration has none to give. Write the rows as insert statements (pg_dump --inserts does), or copy from a file on the server. (line 1, column 13) Nothing was run. (RIDER)",
  },
  {
    what: "a way back without a way forward",
    kind: "sqlite",
    files: { "1-a.rollback.sql": "" },
    says: "$/1-a.rollback.sql undoes a migration that is not there: 1-a.sql. Restore it, or remove the rollback file. Nothing was run. (RIDER)",
  },
  {
    what: "a rollback that fails",
    kind: "postgresql",
    files: { ...A, "1-a.rollback.sql": "drop table b;" },
    run: "rollback",
    says: 'The migration 1-a could not be rolled back: statement 1 of step 1 in $/1-a.rollback.sql (line 1, column 1) failed (`drop table b`). PostgreSQL refused a statement: table "b" does not exist [42P01]. The transaction was rolled back and the database is as it was before this run. Mend the migration and run `rider rollback` again. (ROLLBACK_FAILED)',
  },
  {
    what: "a rollback whose file is gone",
    kind: "sqlite",
    files: A,
    before: async (database, here) => {
      await riderOn(database, here).migrate();
      here.remove("1-a.sql");
      here.write({ "2-b.sql": "" });
    },
    run: "rollback",
    says: "The migration 1-a is applied and its file is gone, so what would undo it is not known. Restore the file, or use --force to undo its record alone. Nothing was run. (ROLLBACK_FAILED)",
  },
  {
    what: "a folder that is not there",
    kind: "sqlite",
    files: {},
    config: { source: "/nonexistent/migrations" },
    says: "The folder of migrations, /nonexistent/migrations, does not exist. `rider create` makes it with the first migration; otherwise correct `source` in the configuration, or --source. (RIDER)",
  },
];

for (const { what, kind, files, config, before, run, says } of MISTAKES) {
  test(`the words for ${what}`, async () => {
    const database = await freshDatabase(kind);
    const here = project(files);
    await before?.(database, here);
    const rider = riderOn(database, here, config);
    if (run === "rollback") await rider.migrate().catch(() => undefined);
    const error = await failure(run === "rollback" ? rider.rollback({ all: true }) : rider.migrate());
    const words = error.message
      .replaceAll("\n", " ")
      .replaceAll(`${here.folder}/migrations`, "$")
      .replaceAll(database.name, "£")
      .replace(/127\.0\.0\.1:\d+/, "#")
      // Node.js 22 says a little more here.
      .replace(/string literal \([^)]*\)/, "string literal");
    assert.equal(words, says);
  });
}
