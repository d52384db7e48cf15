import { createHash } from "node:crypto";
import { LockError } from "../model/errors.ts";
import type { Guard } from "./guard.ts";
import { type Patience, waitUntilFree } from "./patience.ts";
import type { Session } from "./session.ts";

/** Seconds that the server lets a working connection be silent: a function step may compute for a long time. A day. */
const WAIT_TIMEOUT = 86_400;

/**
 * The lock on MySQL and MariaDB: `get_lock` on the working connection itself. The server frees it when that connection
 * ends, and a connection whose client was killed ends only after its last statement, so nothing can overtake it. The
 * name holds the database's, because such locks belong to the whole server.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 */
export async function guardMysql(work: Session, table: string, patience: Patience): Promise<Guard> {
  try {
    const [row] = await work.select<{ name: string | null }>("select database() as name");
    const name = `rider ${createHash("sha256")
      .update(`${row?.name ?? ""} ${table}`)
      .digest("hex")
      .slice(0, 40)}`;
    await work.sql(`set session wait_timeout = ${WAIT_TIMEOUT}`);
    await waitUntilFree("another run of Rider holds the lock", patience, async () => {
      const [got] = await work.select<{ got: unknown }>(`select get_lock('${name}', 0) as got`);
      return Number(got?.got) === 1 ? { free: true } : { free: false, holder: await holderOf(work, name) };
    });
    return {
      work,
      enter: async () => undefined,
      async check() {
        const [row] = await work.select<{ held: unknown }>(
          `select is_used_lock('${name}') = connection_id() as held`,
        );
        if (Number(row?.held) !== 1) throw lostLock();
      },
      async release() {
        await work.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await work.close().catch(() => undefined);
    throw error;
  }
}

/** Who holds the lock, as far as this user may see: without the PROCESS privilege only the connection's number. */
async function holderOf(work: Session, name: string): Promise<string | undefined> {
  const [row] = await work.select<{ id: unknown; user: string | null; host: string | null }>(
    `select l.id, p.user, p.host from (select is_used_lock('${name}') as id) l
       left join information_schema.processlist p on p.id = l.id`,
  );
  if (row?.id === null || row?.id === undefined) return undefined;
  return `${row.user === null ? "" : `${row.user}@${row.host}, `}connection ${String(row.id)}`;
}

function lostLock(): LockError {
  return new LockError(
    "Rider lost its lock in the middle of the run: the session no longer holds it, so a statement of a migration has " +
      "released it. What is done is recorded. Take release_lock and release_all_locks out of the migration, and run `rider migrate` again.",
  );
}
