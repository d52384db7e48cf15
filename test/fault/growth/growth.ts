import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type FaultPool, guestUrl, inviteGuest, openPool, type ServerKind, startServer } from "../support.ts";

/** What a process holds on to at one moment, after garbage was collected. */
export interface Holding {
  /** Bytes of JavaScript objects, and of what they keep outside of the heap. */
  readonly bytes: number;
  /** Sockets, timers and other things that the event loop knows of. */
  readonly handles: number;
  /** Open files and sockets, as the system counts them. */
  readonly descriptors: number;
}

/**
 * How many handles and descriptors more are none: a connection that was closed just before the first look is open again at the
 * last, and the pool's one timer may be set at either. What is kept of each acquisition would be thousands.
 */
export const PASSING = 2;

const WIDTH = 50;
const MAX = 10;

/**
 * Lets `WIDTH` contexts acquire `count` connections in all the ways there are, over and over, and tells what the process
 * holds after a tenth of them and after all.
 *
 * @param tell called with the figures now and then
 */
export async function grow(
  kind: ServerKind,
  count: number,
  tell: (line: string) => void = () => {},
): Promise<{ before: Holding; after: Holding; acquired: number }> {
  const cleanUps: (() => unknown)[] = [];
  const t = { after: (fn: () => unknown): void => void cleanUps.unshift(fn) };
  try {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    await server.exec("insert into things values (1)", [], kind === "mysql" ? "test" : "postgres");
    const url = guestUrl(kind, server.url);
    // mysql2 lays out room for 16,000 prepared statements with a connection's first, which would look like growth.
    const driver = kind === "mysql" ? { maxPreparedStatements: 10 } : {};
    const db = openPool(kind, t, { url, maxConnections: MAX, timeout: "30s", autoconnect: true, driver });
    await acquire(db, count / 10);
    const before = await holding();
    tell(describe(db.stats().acquired, before));
    const step = Math.max(count / 10, 10_000);
    while (db.stats().acquired < count) {
      await acquire(db, Math.min(db.stats().acquired + step, count));
      tell(describe(db.stats().acquired, await holding()));
    }
    const after = await holding();
    return { before, after, acquired: db.stats().acquired };
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

/** Until `until` connections have been lent since the start. */
async function acquire(db: FaultPool, until: number): Promise<void> {
  const going = (): boolean => db.stats().acquired < until;
  await Promise.all(
    Array.from({ length: WIDTH }, async (_, i) => {
      for (let round = i; going(); round++) await WAYS[round % WAYS.length]?.(db);
    }),
  );
}

const one = "select 1 as one";
const swallow = (): void => {};

/** Ways to get a connection, to use it and to fail. Short ones come several times: they are what programs do most. */
const WAYS: readonly ((db: FaultPool) => Promise<unknown>)[] = [
  ...Array<(db: FaultPool) => Promise<unknown>>(12).fill((db) =>
    db.withConnection((conn) => conn.select(one)),
  ),
  (db) => db.select(one),
  (db) =>
    db.context(async () => {
      await db.connect();
      await db.get(one);
      await db.close();
    }),
  (db) => db.withConnection(() => db.withConnection(() => db.select(one))),
  (db) => db.atomic(() => db.atomic(() => db.select(one))),
  (db) =>
    db
      .atomic(() => {
        throw new Error("changed its mind");
      })
      .catch(swallow),
  (db) => db.sql("insert into things values (1)").catch(swallow),
  (db) => db.withConnection(() => db.sql("this is no statement")).catch(swallow),
  (db) => db.select(one, { timeout: "10s", signal: new AbortController().signal }),
  (db) => db.withConnection((conn) => conn.select(one), { signal: AbortSignal.abort() }).catch(swallow),
  async (db) => {
    const abort = new AbortController();
    const waiting = db.withConnection((conn) => conn.select(one), { signal: abort.signal });
    abort.abort();
    await waiting.catch(swallow);
  },
  (db) =>
    db.withConnection(async (conn) => {
      for await (const _ of conn.cursor(one)) break;
    }),
  (db) =>
    db.withConnection(async () => {
      await db.select(one);
      if (Math.random() < 0.1) await db.manualClose();
    }),
];

let collect: (() => void) | undefined;

async function holding(): Promise<Holding> {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  let bytes = Number.POSITIVE_INFINITY;
  // What is given back late (weak references, finished sockets) is not growth.
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
    const { heapUsed, external } = process.memoryUsage();
    bytes = Math.min(bytes, heapUsed + external);
  }
  return {
    bytes,
    handles: process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length,
    descriptors: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
  };
}

function describe(acquired: number, { bytes, handles, descriptors }: Holding): string {
  return `${acquired} acquisitions: ${(bytes / 1e6).toFixed(2)} MB, ${handles} handles, ${descriptors} descriptors`;
}
