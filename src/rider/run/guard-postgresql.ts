import { createHash } from "node:crypto";
import { LockError } from "../model/errors.ts";
import type { Guard } from "./guard.ts";
import { type Look, type Patience, waitUntilFree } from "./patience.ts";
import type { Session } from "./session.ts";
import type { Who } from "./who.ts";

/** Milliseconds from one sign of life on the lock's connection to the next, so that nothing between here and the server cuts it for idleness. */
const HEARTBEAT = 5000;

/**
 * The lock on PostgreSQL.
 *
 * A lock that lives on the connection doing the work dies too late or too early, so there are two of them. The first is
 * held by an idle READ COMMITTED transaction on a second connection: such a transaction has no snapshot, so `create index
 * concurrently` does not wait for it, and being transaction-bound it holds behind a pooler that lends servers per
 * transaction. It is polled, each look in a transaction of its own, because a waiter that blocked would keep one of the
 * pooler's servers from the very run it waits for. The second is taken by every working transaction: where a runner was
 * killed, its server process holds that one until its last statement is over. A statement outside a transaction can't
 * hold any, so that one is seen by the connection's name.
 *
 * @param lock the connection for the lock; closed with the guard
 * @param openWork opens the connection for the migrations, under a name that says whose it is
 * @see https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
 */
export async function guardPostgresql(
  lock: Session,
  openWork: () => Promise<Session>,
  who: Who,
  table: string,
  patience: Patience,
): Promise<Guard> {
  const runner = lockKey(`runner ${table}`);
  const worker = lockKey(`worker ${table}`);
  let work: Session | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let lost: unknown;

  const close = async (): Promise<void> => {
    clearInterval(heartbeat);
    await work?.close().catch(() => undefined);
    // The work's connection is closed first: the lock must not be free while something of this run may go on.
    await lock.close().catch(() => undefined);
  };

  const until = performance.now() + patience.limit;
  const beat = async (): Promise<void> => {
    await lock.sql("select 1").catch((cause: unknown) => {
      lost ??= cause;
    });
  };

  const check = async (): Promise<void> => {
    if (lost === undefined) await beat();
    if (lost !== undefined) throw lostLock(lost);
  };

  try {
    await waitUntilFree("another run of Rider holds the lock", patience, async () => {
      await lock.sql("begin isolation level read committed");
      await withoutTimeouts(lock);
      if (await tryLock(lock, runner)) return { free: true };
      const holder = await holderOf(lock, runner);
      await lock.sql("rollback");
      return { free: false, holder };
    });
    const left = { ...patience, limit: Math.max(0, until - performance.now()) };
    await waitUntilFree("an earlier run's last statement still goes on in the server", left, () =>
      stillWorking(lock, worker, who.run),
    );
    heartbeat = setInterval(beat, HEARTBEAT).unref();
    work = await openWork();
  } catch (error) {
    await close();
    throw error;
  }

  const workSession = work;
  return {
    work: workSession,
    async enter() {
      await check();
      await withoutTimeouts(workSession);
      if (!(await tryLock(workSession, worker))) throw lostLock(undefined);
    },
    check,
    release: close,
  };
}

/** A key for `pg_advisory_xact_lock`: the first 63 bits of a hash, as text since a number would lose some. */
function lockKey(text: string): string {
  return (
    createHash("sha256").update(`apocryphan rider ${text}`).digest().readBigUInt64BE() >> 1n
  ).toString();
}

/** Keeps the server from ending a transaction that is idle, or long, for a good reason. Only until it ends; only what this version knows. */
async function withoutTimeouts(session: Session): Promise<void> {
  await session.select(
    "select set_config(name, '0', true) from pg_settings where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')",
  );
}

async function tryLock(session: Session, key: string): Promise<boolean> {
  const [row] = await session.select<{ got: boolean }>(`select pg_try_advisory_xact_lock(${key}) as got`);
  return row?.got === true;
}

/** Who holds the lock, from the name under which its connection is seen. */
async function holderOf(session: Session, key: string): Promise<string | undefined> {
  const [row] = await session.select<{ name: string | null; pid: number; host: string | null }>(
    `select a.application_name as name, l.pid, host(a.client_addr) as host
       from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32 | l.objid::bigint) = ${key} limit 1`,
  );
  if (!row) return undefined;
  const label = /^rider \w+ lock (.*)$/.exec(row.name ?? "")?.[1];
  const from = row.host === null ? "" : ` from ${row.host}`;
  return `${label === undefined ? "a connection" : label.replace(/:(\d+)$/, ", process $1")}${from}, backend ${row.pid}`;
}

/**
 * Whether a run that has lost its lock still works: its transaction holds the second lock, or its connection executes a
 * statement. Another role's `state` can be hidden (then it is null); its locks in `pg_locks` never are, and a backend
 * that executes anything holds at least that of its virtual transaction.
 *
 * @see https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
async function stillWorking(session: Session, worker: string, run: string): Promise<Look> {
  // Inside a transaction the view would go on showing what it showed first.
  await session.select("select pg_stat_clear_snapshot()");
  const [row] = await session.select<{ name: string; pid: number }>(
    `select a.application_name as name, a.pid
       from pg_stat_activity a
      where a.datname = current_database() and a.pid <> pg_backend_pid()
        and a.application_name like 'rider % work %' and a.application_name not like 'rider ${run} %'
        and (a.state <> 'idle' or a.state is null and exists (select 1 from pg_locks l where l.pid = a.pid))
      limit 1`,
  );
  if (row) {
    const label = /^rider \w+ work (.*)$/.exec(row.name)?.[1]?.replace(/:(\d+)$/, ", process $1");
    return { free: false, holder: `started by ${label}, backend ${row.pid}` };
  }
  // A savepoint gives the second lock back at once, so that this run's own transactions can take it.
  await session.sql("savepoint look");
  const free = await tryLock(session, worker);
  await session.sql("rollback to savepoint look");
  return free ? { free } : { free, holder: await holderOf(session, worker) };
}

function lostLock(cause: unknown): LockError {
  return new LockError(
    "Rider lost its lock in the middle of the run: the connection that held it is gone, or another run has begun. " +
      "It stopped before doing more; what was not committed is rolled back. Find out what ended the connection " +
      "(the server's log says), and run `rider migrate` again: it goes on from what is recorded.",
    { cause },
  );
}
