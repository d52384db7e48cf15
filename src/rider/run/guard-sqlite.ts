import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { LockError } from "../model/errors.ts";
import type { Guard } from "./guard.ts";
import { type Patience, waitUntilFree } from "./patience.ts";
import type { Session } from "./session.ts";
import { isDatabaseError, words } from "./stopped.ts";
import { describe, type Who } from "./who.ts";

/**
 * The lock on SQLite: `begin exclusive` on a file of its own beside the database, `<database>-rider-lock`, so that the
 * application can go on reading and writing meanwhile. The operating system frees it when the process ends, however it ends. It
 * is polled, and the file stays: one that was deleted could be locked by two, each by the file it has open.
 *
 * Who holds it is in a second file, since nobody can read the first; a leftover of that one means nothing.
 *
 * @param open opens the database in a file, so that its statements do not wait for a lock
 * @param file the database's own; empty where it lives in memory, which no other process can reach
 * @see https://www.sqlite.org/lockingv3.html
 */
export async function guardSqlite(
  work: Session,
  open: (file: string) => Promise<Session>,
  file: string,
  who: Who,
  patience: Patience,
): Promise<Guard> {
  if (file === "") return { work, enter: nothing, check: nothing, release: () => closeAll(work) };
  const lockFile = `${file}-rider-lock`;
  const holderFile = `${lockFile}-holder`;
  let lock: Session | undefined;
  try {
    lock = await open(lockFile);
    const session = lock;
    await waitUntilFree("another run of Rider holds the lock", patience, async () => {
      try {
        await session.sql("begin exclusive");
        return { free: true };
      } catch (error) {
        if (!isBusy(error)) throw error;
        return { free: false, holder: readHolder(holderFile) };
      }
    });
  } catch (error) {
    await closeAll(work, lock);
    throw error instanceof LockError || isAbort(error) ? error : cannotLock(lockFile, error);
  }
  const held = lock;
  tryQuietly(() => writeFileSync(holderFile, describe(who)));
  return {
    work,
    enter: nothing,
    check: nothing,
    async release() {
      tryQuietly(() => rmSync(holderFile, { force: true }));
      await closeAll(work, held);
    },
  };
}

async function nothing(): Promise<void> {
  // A file that this process has locked can't be lost while the process lives.
}

async function closeAll(...sessions: (Session | undefined)[]): Promise<void> {
  for (const session of sessions) await session?.close().catch(() => undefined);
}

/** https://www.sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  const errno =
    error !== null && typeof error === "object" && "errno" in error ? Number(error.errno) : Number.NaN;
  return (errno & 0xff) === 5;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The holder's name is a courtesy: a disk too full for it must not stop the run. */
function tryQuietly(work: () => void): void {
  try {
    work();
  } catch {
    // As said above.
  }
}

function cannotLock(file: string, cause: unknown): LockError {
  const full = isDatabaseError(cause) && cause.kind === "full";
  const toDo = full
    ? "Make room there."
    : "Make that folder writable for this user, since SQLite keeps its own journal there too.";
  return new LockError(
    `Rider can't take its lock in the file ${file}. ${words(cause)} Nothing was changed. ${toDo}`,
    { cause },
  );
}
