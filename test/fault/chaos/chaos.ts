import { startProxy } from "../../support/proxy.ts";
import { until } from "../../support/wait.ts";
import {
  guestSessions,
  guestUrl,
  inviteGuest,
  knownSessions,
  openPool,
  type ServerKind,
  sessionOf,
  startServer,
} from "../support.ts";
import { call, Ledger } from "./callers.ts";
import { FAULTS, type World } from "./faults.ts";
import { holdLocks } from "./waits.ts";

/** How to run it. */
export interface ChaosOptions {
  readonly kind: ServerKind;
  readonly client: string;
  readonly seconds: number;
  readonly contexts: number;
  readonly seed: number;
  /** Called with a line of numbers now and then. */
  readonly tell?: (line: string) => void;
}

/** What came of it. */
export interface ChaosResult {
  readonly ledger: Ledger;
  readonly faults: Record<string, number>;
  readonly max: number;
  /** The most sessions that the server had at one moment, as far as was seen; also those whose client is gone. */
  readonly most: number;
  /** The longest time for which it was seen to have more than the maximum, in milliseconds. */
  readonly above: number;
  /** Sockets and timers of this process before and after. */
  readonly handles: { readonly before: number; readonly after: number };
  readonly connects: number;
}

const MAX = 20;

/**
 * For how long the server may be seen with more sessions than there may be, in milliseconds. MySQL's are gone from its own list
 * before their places are free. PostgreSQL's process is told of a broken connection by a cancel request, which is done when the
 * signal is sent: until the process has ended it is seen beside its successor, and for another 5 ms until the next look.
 */
export const ABOVE: Record<ServerKind, number> = { postgresql: 300, mysql: 0 };

/** A pool under all faults together. Settles when every caller has its answer and both sides have been counted. */
export async function runChaos({
  kind,
  client,
  seconds,
  contexts,
  seed,
  tell,
}: ChaosOptions): Promise<ChaosResult> {
  const cleanUps: (() => unknown)[] = [];
  const t = { after: (fn: () => unknown): void => void cleanUps.unshift(fn) };
  try {
    const server = await startServer(kind, t);
    await inviteGuest(kind, server);
    const database = kind === "mysql" ? "test" : "postgres";
    await server.exec("create table pairs (id int, half int, primary key (id, half))", [], database);
    await server.exec("insert into pairs values (0, 0)", [], database);
    if (kind === "postgresql") await server.exec("grant all on pairs to guest; checkpoint");
    const proxy = await startProxy(server.url);
    t.after(() => proxy[Symbol.asyncDispose]());
    const before = handles();
    const locks = holdLocks(kind, server);
    t.after(() => locks[Symbol.dispose]());
    // Not those that cancel a statement, which don't count.
    const known = new Set<string>();
    const db = openPool(kind, t, {
      client,
      onConnect: async (conn) => void known.add(await sessionOf(kind, conn)),
      url: proxy.through(guestUrl(kind, server.url)),
      maxConnections: MAX,
      connectTimeout: "5s",
      timeout: "10s",
      keepalive: "1s",
      maxUses: 100,
      maxLifetime: "3s",
      idleTimeout: "1s",
      minConnections: 2,
      autoconnect: true,
    });
    const world: World = { kind, server, proxy, db };
    const ledger = new Ledger();
    const chance = mulberry(seed);
    const began = performance.now();
    const over = (): boolean => performance.now() - began > seconds * 1000;

    let most = 0;
    let above = 0;
    let since = began;
    let watching = true;
    t.after(() => {
      watching = false;
    });
    const watch = (async () => {
      while (watching) {
        // A server that is down or frozen says nothing.
        const sessions = await knownSessions(kind, server, known).catch(() => 0);
        const now = performance.now();
        if (sessions <= MAX) since = now;
        most = Math.max(most, sessions);
        above = Math.max(above, now - since);
        const { open, connecting } = db.stats();
        if (open + connecting > MAX) ledger.faults.push(`the pool counted ${open} + ${connecting}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const callers = Array.from({ length: contexts }, (_, i) =>
      call(db, kind, ledger, i, mulberry(seed + i + 1), over),
    );
    const faults: Record<string, number> = {};
    const names = Object.keys(FAULTS);
    let said = began;
    for (let round = 0; !over(); round++) {
      // Each at least once, then at random.
      const name = names[round < names.length ? round : Math.floor(chance() * names.length)] as string;
      faults[name] = (faults[name] ?? 0) + 1;
      await inTime(name, FAULTS[name]?.(world, 50 + chance() * 400));
      await new Promise((resolve) => setTimeout(resolve, 50 + chance() * 350));
      if (performance.now() - said < 10_000) continue;
      said = performance.now();
      tell?.(
        `${Math.round((said - began) / 1000)} s: ${ledger.answered} answers, ${ledger.done} done, most ${most}, heap ${Math.round(process.memoryUsage().heapUsed / 1e6)} MB, ${handles()} handles`,
      );
    }
    await proxy.pass();
    await until("every caller to be answered", () => ledger.asked === ledger.answered, { seconds: 60 }).catch(
      (error: unknown) => {
        throw new Error(
          `${JSON.stringify(db.stats())}, still doing: ${[...ledger.doing.values()].join(", ")}`,
          {
            cause: error,
          },
        );
      },
    );
    await Promise.all(callers);
    watching = false;
    await watch;
    // Service is as it was, and both sides count the same.
    await db.withConnection(() => db.get("select 1 as one"));
    await until("client and server to count the same", async () => {
      const { open, connecting, closing } = db.stats();
      return connecting + closing === 0 && (await guestSessions(kind, server)) === open;
    });
    const { inUse, waiting, connects } = db.stats();
    if (inUse + waiting > 0) ledger.faults.push(`${inUse} in use and ${waiting} waiting after everything`);
    await judgePairs(world, ledger, database);
    locks[Symbol.dispose]();
    await db.closeAll();
    await until("the server to have no session", async () => (await guestSessions(kind, server)) === 0);
    await until("the proxy to have no connection", () => proxy.open === 0);
    await until("the handles to be closed", () => handles() <= before).catch(() => {});
    return { ledger, faults, max: MAX, most, above, handles: { before, after: handles() }, connects };
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

/** A transaction leaves both of its rows or none; one that was rolled back leaves none. */
async function judgePairs({ server }: World, ledger: Ledger, database: string): Promise<void> {
  const rows = await server.exec<{ id: number; n: number }>(
    "select id, count(*) as n from pairs where id > 0 group by id",
    [],
    database,
  );
  const there = new Set(rows.map(({ id }) => id));
  for (const { id, n } of rows) if (Number(n) !== 2) ledger.faults.push(`pair ${id} has ${n} rows`);
  for (const id of ledger.rolledBack) {
    if (there.has(id)) ledger.faults.push(`pair ${id} was rolled back and is there`);
  }
}

/** A fault that is not mended in time is one of ours: `closeAll` and its like have to settle. */
async function inTime(name: string, mended: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${name}" did not settle within a minute`)), 60_000);
  });
  await Promise.race([mended, late]);
  clearTimeout(timer);
}

/** Sockets and timers that keep this process alive. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|Timeout/.test(name)).length;
}

/** Numbers from 0 to 1 that come again with the same seed. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
