import assert from "node:assert/strict";
import { AsyncResource } from "node:async_hooks";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { PooledOptions } from "apocryphan/pool";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import {
  CLIENTS,
  FACTS,
  type FaultPool,
  type FaultServer,
  GUEST,
  guestUrl,
  inviteGuest,
  openPool,
  type ServerKind,
  startServer,
} from "./support.ts";

/*
 * A place is free when the server has closed the connection, not when this side has said goodbye to it. Here the farewell
 * takes long, and so does the server's answer to it, while new connections are as fast as ever: whoever frees a place too
 * early is seen with more connections than he may have.
 */

const MAX = 3;
/** Milliseconds by which the old connections are late, each way. */
const LATE = 400;

interface Way {
  readonly options?: PooledOptions;
  /** What has to be done while the network is still as fast as ever. */
  before?(db: FaultPool, held: Held): Promise<unknown>;
  close(db: FaultPool, held: Held): Promise<unknown>;
}

/** Ways to close all connections. Each begins it, and gives what settles when it says it is done. */
const WAYS: Record<string, Way> = {
  "manualClose by each holder": { close: (db, held) => held.each(() => db.manualClose()) },
  "closeIdle()": {
    before: (db, held) => held.each(() => db.close()),
    close: (db) => db.closeIdle(),
  },
  "closeStale()": {
    before: () => setTimeout(5),
    close: async (db) => assert.equal(await db.closeStale("1ms"), MAX),
  },
  "closeAll()": { close: (db) => db.closeAll() },
  "maxUses at the end of each scope": {
    options: { maxUses: 1 },
    close: (db, held) => held.each(() => db.close()),
  },
};

const SESSIONS: Record<ServerKind, string> = {
  postgresql: `select pid as id from pg_stat_activity where usename = '${GUEST}'`,
  mysql: `select id from information_schema.processlist where user = '${GUEST}'`,
};

/** All connections of a pool, each with its holder. */
class Held {
  readonly ids: readonly number[];
  readonly #acts: readonly ((act: () => Promise<unknown>) => Promise<unknown>)[];

  constructor(ids: readonly number[], acts: readonly ((act: () => Promise<unknown>) => Promise<unknown>)[]) {
    this.ids = ids;
    this.#acts = acts;
  }

  /** Each holder does that, side by side. */
  each(act: () => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.#acts.map((within) => within(act)));
  }
}

/** Takes all there are, each in a context of its own. */
async function takeAll(db: FaultPool): Promise<Held> {
  const holders = await Promise.all(
    Array.from({ length: MAX }, () =>
      db.context(async () => {
        const { raw } = await db.connect();
        const { processID, threadId } = raw as { processID?: number; threadId?: number };
        const here = AsyncResource.bind((act: () => Promise<unknown>) => act());
        return { id: Number(processID ?? threadId), here };
      }),
    ),
  );
  return new Held(
    holders.map(({ id }) => id),
    holders.map(({ here }) => here),
  );
}

async function there(kind: ServerKind, server: FaultServer): Promise<Set<number>> {
  return new Set((await server.exec<{ id: number }>(SESSIONS[kind])).map(({ id }) => Number(id)));
}

async function behindProxy(kind: ServerKind, t: TestContext, client: string, options: PooledOptions = {}) {
  const server = await startServer(kind, t);
  await inviteGuest(kind, server);
  const proxy = await startProxy(server.url);
  t.after(() => proxy[Symbol.asyncDispose]());
  const url = proxy.through(guestUrl(kind, server.url));
  const db = openPool(kind, t, { url, client, maxConnections: MAX, timeout: "20s", ...options });
  return { server, proxy, db };
}

/** Of a server that has just been started nobody can be sure which of its sessions is whose; it counts in seconds. */
async function grown(kind: ServerKind, server: FaultServer): Promise<void> {
  if (kind !== "mysql") return;
  await until("the server to be old enough", async () => {
    const [row] = await server.exec<{ Value: string }>("show global status like 'Uptime'");
    return Number(row?.Value) >= 2;
  });
}

/** The server has no more of all connections than there may be. */
async function noneAbove(kind: ServerKind, server: FaultServer, old: Held, fresh: Held): Promise<void> {
  const sessions = await there(kind, server);
  const known = [...old.ids, ...fresh.ids].filter((id) => sessions.has(id));
  assert.equal(new Set([...old.ids, ...fresh.ids]).size, 2 * MAX, "an old connection was lent again");
  assert.ok(known.length <= MAX, `the server has ${known.length} of ${MAX}`);
}

for (const { kind, client } of CLIENTS) {
  for (const [way, { options, before, close }] of Object.entries(WAYS)) {
    test(`${client}: after ${way} a place is free only when the server has closed its connection`, async (t) => {
      const { server, proxy, db } = await behindProxy(kind, t, client, options);
      const old = await takeAll(db);
      await before?.(db, old);
      proxy.slow(LATE);
      const closed = close(db, old).then(async () => {
        const left = await there(kind, server);
        assert.ok(!old.ids.some((id) => left.has(id)), "it settled while the server still had one");
      });
      const fresh = await takeAll(db);
      await noneAbove(kind, server, old, fresh);
      await closed;
      await fresh.each(() => db.close());
    });
  }

  // A function of the database's own that takes no notice of its client, as most of what takes long.
  const busy = {
    postgresql: `select count(*)::int as n from pg_stat_activity where usename = '${GUEST}' and state = 'active'`,
    mysql: `select count(*) as n from information_schema.processlist where user = '${GUEST}' and command in ('Query', 'Execute')`,
  }[kind];

  /** Connections that all run something for a minute, and their holders, who will hear that they are lost. */
  async function allBusy(db: FaultPool, server: FaultServer) {
    const old = await takeAll(db);
    const running = old.each(() =>
      assert.rejects(db.sql(FACTS[kind].sleep(60)), { name: "ConnectionLostError" }),
    );
    await until("all to be busy", async () => {
      return Number((await server.exec<{ n: number }>(busy))[0]?.n) === MAX;
    });
    return { old, running };
  }

  test(`${client}: a connection closed under a running statement keeps its place until the server has ended both`, async (t) => {
    const { server, proxy, db } = await behindProxy(kind, t, client);
    const { old, running } = await allBusy(db, server);
    proxy.slow(LATE);
    const closed = db.closeAll();
    const fresh = await takeAll(db);
    await noneAbove(kind, server, old, fresh);
    await Promise.all([closed, running]);
    await fresh.each(() => db.close());
  });

  for (const how of ["reset", "cut", "halfOpen"] as const) {
    test(`${client}: so does one that the network took away under a running statement, which is ended (${how})`, async (t) => {
      const { server, proxy, db } = await behindProxy(kind, t, client);
      await grown(kind, server);
      const { old, running } = await allBusy(db, server);
      proxy[how]();
      const began = performance.now();
      // Of one that died in silence somebody has to find out.
      if (how === "halfOpen") void db.closeAll();
      const fresh = await takeAll(db);
      await noneAbove(kind, server, old, fresh);
      const took = performance.now() - began;
      // By itself MariaDB would see after 5 s that nobody waits for a sleep any more; PostgreSQL's farewell is awaited in silence.
      if (kind === "mysql") assert.ok(took < 4500, `it took ${took} ms`);
      await running;
      await fresh.each(() => db.close());
    });
  }
}
