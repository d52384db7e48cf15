import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Handle } from "apocryphan";
import type { Reset } from "apocryphan/pool";
import { KINDS } from "../support/database.ts";
import { openPooled } from "../support/open.ts";

/** One way to leave something of oneself in a session. */
interface Way {
  readonly name: string;
  /** What one holder does. */
  readonly dirty: readonly string[];
  /** What the next holder sees: a query, and what it gives on a session where nothing was left. */
  readonly probe: string;
  readonly clean: unknown;
  /** The levels at which it reaches the next holder. `"none"` clears only transactions. */
  readonly reaches: readonly Reset[];
}

const NONE: readonly Reset[] = ["none"];
const NEVER: readonly Reset[] = [];
/** What no statement and no protocol shows: only `"full"` clears it. */
const UNSEEN: readonly Reset[] = ["none", "transaction"];

const way = (
  name: string,
  dirty: string | readonly string[],
  probe: string,
  clean: unknown,
  reaches = NONE,
): Way => ({
  name,
  dirty: typeof dirty === "string" ? [dirty] : dirty,
  probe,
  clean,
  reaches,
});

const POSTGRESQL: Way[] = [
  way("an open transaction", ["begin", "insert into t values (1)"], "select count(*)::int from t", 0, NEVER),
  way("a failed transaction", ["begin", "select 1/0"], "select 1", 1, NEVER),
  way(
    "an open savepoint",
    ["begin", "savepoint s", "insert into t values (1)"],
    "select count(*)::int from t",
    0,
    NEVER,
  ),
  way("a read-only transaction", "begin read only", "show transaction_read_only", "off", NEVER),
  way(
    "a serializable transaction",
    "begin isolation level serializable",
    "show transaction_isolation",
    "read committed",
    NEVER,
  ),
  way("set", "set statement_timeout = '77s'", "show statement_timeout", "0"),
  way("set session", "set session lock_timeout = '5s'", "show lock_timeout", "0"),
  way("set search_path", "set search_path = pg_catalog", "show search_path", '"$user", public'),
  way(
    "set time zone",
    "set time zone 'Asia/Tokyo'",
    "select current_setting('TimeZone') = 'Asia/Tokyo'",
    false,
  ),
  way("set role", "set role apocryphan_other", "select current_user = 'apocryphan_other'", false),
  way(
    "set session authorization",
    "set session authorization apocryphan_other",
    "select session_user = 'apocryphan_other'",
    false,
  ),
  way("set_config()", "select set_config('work_mem', '9MB', false)", "show work_mem", "4MB"),
  way(
    "a custom setting",
    "set apocryphan.tenant = '7'",
    "select coalesce(current_setting('apocryphan.tenant', true), '')",
    "",
  ),
  way(
    "a default isolation level",
    "set session characteristics as transaction isolation level serializable",
    "show transaction_isolation",
    "read committed",
  ),
  way("datestyle", "set datestyle = 'German'", "show datestyle", "ISO, MDY"),
  way(
    "extra_float_digits behind a comment",
    "/* tuned */ -- by hand\n set extra_float_digits = 0",
    "show extra_float_digits",
    "1",
  ),
  way("set behind another statement", "select 1; set enable_seqscan = off", "show enable_seqscan", "on"),
  way(
    "a temporary table",
    "create temporary table left1 (a int)",
    "select count(*)::int from pg_class where relname = 'left1' and pg_table_is_visible(oid)",
    0,
  ),
  way(
    "select into temp",
    "select 1 as a into temp left2",
    "select count(*)::int from pg_class where relname = 'left2' and pg_table_is_visible(oid)",
    0,
  ),
  way(
    "a temporary view",
    "create temp view leftv as select 1",
    "select count(*)::int from pg_class where relname = 'leftv' and pg_table_is_visible(oid)",
    0,
  ),
  way(
    "a temporary sequence",
    "create temp sequence lefts",
    "select count(*)::int from pg_class where relname = 'lefts' and pg_table_is_visible(oid)",
    0,
  ),
  way("an advisory lock", "select pg_advisory_lock(77)", MY_LOCKS(), 0),
  way("an advisory lock that was tried for", "select pg_try_advisory_lock(78)", MY_LOCKS(), 0),
  way("a shared advisory lock", "select pg_advisory_lock_shared(79)", MY_LOCKS(), 0),
  way("listen", "listen news", "select count(*)::int from pg_listening_channels()", 0),
  way(
    "a held cursor",
    "declare c cursor with hold for select 1",
    "select count(*)::int from pg_cursors where name = 'c'",
    0,
  ),
  way("a sequence's current value", "select nextval('s')", "select currval('s')", Error),
  way(
    "a prepared statement",
    "prepare p as select 1",
    "select count(*)::int from pg_prepared_statements where name = 'p'",
    0,
    UNSEEN,
  ),
  way("a setting made inside a function", "select meddle()", "show maintenance_work_mem", "64MB", UNSEEN),
  way(
    "a setting made inside do",
    "do $$ begin perform set_config('work_mem', '8MB', false); end $$",
    "show work_mem",
    "4MB",
  ),
];

function MY_LOCKS(): string {
  return "select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()";
}

const MYSQL: Way[] = [
  way("an open transaction", ["begin", "insert into t values (1)"], "select count(*) from t", 0, NEVER),
  way(
    "start transaction",
    ["start transaction", "insert into t values (1)"],
    "select count(*) from t",
    0,
    NEVER,
  ),
  way(
    "an open savepoint",
    ["begin", "savepoint s", "insert into t values (1)"],
    "select count(*) from t",
    0,
    NEVER,
  ),
  way(
    "autocommit off, with work open",
    ["set autocommit = 0", "insert into t values (1)"],
    "select count(*) from t",
    0,
    NEVER,
  ),
  way("autocommit off", "set autocommit = 0", "select @@autocommit", 1),
  way("set session", "set session lock_wait_timeout = 77", "select @@lock_wait_timeout = 77", 0),
  way("set sql_mode", "set sql_mode = 'ANSI_QUOTES'", "select @@sql_mode = 'ANSI_QUOTES'", 0),
  way("set time_zone", "set time_zone = '+09:00'", "select @@time_zone = '+09:00'", 0),
  way("set names", "set names latin1", "select @@character_set_client", "utf8mb4"),
  way("set foreign_key_checks", "set foreign_key_checks = 0", "select @@foreign_key_checks", 1),
  way(
    "an isolation level",
    "set session transaction isolation level serializable",
    "select @@tx_isolation = 'SERIALIZABLE'",
    0,
  ),
  way("a read-only session", "set session transaction read only", "select @@tx_read_only", 0),
  way("a user variable", "set @left := 5", "select @left", null),
  way("a user variable in a select", "select @left2 := 6", "select @left2", null),
  way("select into a variable", "select 7 into @left3", "select @left3", null),
  way(
    "get_lock",
    "select get_lock('apocryphan_left', 0)",
    "select is_used_lock('apocryphan_left') = connection_id()",
    null,
  ),
  way("a temporary table", "create temporary table left_t (a int)", "select * from left_t", Error),
  way(
    "lock tables",
    "lock tables t write",
    "select count(*) from information_schema.tables where table_name = 'nothing'",
    0,
    NEVER,
  ),
  way("a prepared statement", "prepare p from 'select 1'", "execute p", Error),
  way("last_insert_id", "select last_insert_id(77)", "select last_insert_id()", 0),
  way("a handler", "handler t open", "handler t read first", Error),
];

const SQLITE: Way[] = [
  way("an open transaction", ["begin", "insert into t values (1)"], "select count(*) from t", 0, NEVER),
  way("an open savepoint", ["savepoint s", "insert into t values (1)"], "select count(*) from t", 0, NEVER),
  way("pragma foreign_keys", "pragma foreign_keys = off", "pragma foreign_keys", 1),
  way("pragma query_only", "pragma query_only = on", "pragma query_only", 0),
  way("pragma synchronous", "pragma synchronous = off", "select synchronous = 0 from pragma_synchronous", 0),
  way("pragma cache_size", "pragma cache_size = -77", "select cache_size = -77 from pragma_cache_size", 0),
  way(
    "an attached database",
    "attach ':memory:' as left_db",
    "select count(*) from pragma_database_list where name = 'left_db'",
    0,
  ),
  way(
    "a temporary table",
    "create temp table left_t (a)",
    "select count(*) from sqlite_temp_master where name = 'left_t'",
    0,
  ),
  way(
    "a temporary view",
    "create temporary view left_v as select 1",
    "select count(*) from sqlite_temp_master where name = 'left_v'",
    0,
  ),
];

const WAYS = { postgresql: POSTGRESQL, mysql: MYSQL, sqlite: SQLITE };

async function prepare(db: { sql(text: string): Promise<unknown>; readonly dialect: string }): Promise<void> {
  await db.sql("create table t (a int)");
  if (db.dialect !== "postgresql") return;
  await db.sql("create sequence s");
  await db.sql(
    "create function meddle() returns text language sql as $$ select set_config('maintenance_work_mem', '65MB', false) $$",
  );
  await db.sql(
    "do $$ begin create role apocryphan_other; exception when duplicate_object or unique_violation then null; end $$",
  );
}

/** The first column of the first row, or `Error` where the database refuses the question. */
async function ask(conn: Handle, probe: string): Promise<unknown> {
  try {
    return Object.values((await conn.getOrNone(probe)) ?? {})[0];
  } catch {
    return Error;
  }
}

for (const kind of KINDS) {
  for (const reset of ["full", "transaction", "none"] as const) {
    describe(`what reaches the next holder on ${kind} with reset "${reset}"`, async () => {
      const dialect = kind.startsWith("postgresql") ? "postgresql" : (kind as "mysql" | "sqlite");
      test("each way to dirty a session", async (t) => {
        const db = await openPooled(kind, t, { maxConnections: 1, timeout: "10s", reset });
        await db.withConnection((conn) => prepare(conn));
        for (const { name, dirty, probe, clean, reaches } of WAYS[dialect]) {
          await t.test(name, async () => {
            // A session of its own, so that what an earlier one left does not count.
            await db.closeIdle();
            await db.withConnection(async (conn) => {
              assert.equal(await ask(conn, probe), clean, "the probe of an untouched session");
            });
            await db.withConnection(async (conn) => {
              for (const text of dirty) await conn.sql(text).catch(() => {});
            });
            const { connects } = db.stats();
            await db.withConnection(async (conn) => {
              const found = await ask(conn, probe);
              if (reaches.includes(reset)) assert.notEqual(found, clean, "it was to reach the next holder");
              else assert.equal(found, clean, "it was not to reach the next holder");
            });
            if (dialect !== "sqlite") assert.equal(db.stats().connects, connects, "on the same connection");
          });
        }
      });
    });
  }

  if (kind === "sqlite") continue;
  test(`a connection that did nothing special costs no byte when it is given back, on ${kind}`, async (t) => {
    const db = await openPooled(kind, t, { maxConnections: 1, timeout: "10s" });
    await db.withConnection((conn) => conn.sql("create table t (a int)"));
    const conn = await db.connect();
    await conn.sql("insert into t values (1)");
    await conn.atomic(() => conn.sql("update t set a = 2"));
    await conn.select("select * from t where a = 2");
    const stream = socketOf(conn);
    const written = stream.bytesWritten;
    await conn.close();
    assert.equal(stream.bytesWritten, written);
    const next = await db.connect();
    assert.equal(socketOf(next), stream, "the same connection");
    assert.equal(stream.bytesWritten, written);
    await next.sql("set @x = 1").catch(() => {});
    await next.sql("begin");
    await next.close();
    assert.ok(stream.bytesWritten > written, "what has to be cleared is");
  });
}

/** The socket under a connection of `pg` or `mysql2`. */
function socketOf(conn: Handle): { readonly bytesWritten: number } {
  const raw = conn.raw as {
    connection?: { stream: { bytesWritten: number } };
    stream?: { bytesWritten: number };
  };
  return raw.connection?.stream ?? raw.stream ?? assert.fail("there is no socket");
}

test("there are at least forty ways", () => {
  assert.ok(POSTGRESQL.length + MYSQL.length + SQLITE.length >= 40);
});
