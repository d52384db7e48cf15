import type { FaultProxy } from "../../support/proxy.ts";
import { type FaultPool, type FaultServer, GUEST, type ServerKind } from "../support.ts";

/** What there is to break. */
export interface World {
  readonly kind: ServerKind;
  readonly server: FaultServer;
  readonly proxy: FaultProxy;
  readonly db: FaultPool;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Breaks something for `ms` milliseconds at most, and mends it. None lasts as long as `connectTimeout`. */
export const FAULTS: Record<string, (world: World, ms: number) => Promise<unknown>> = {
  cut: async ({ proxy }) => proxy.cut(),
  reset: async ({ proxy }) => proxy.reset(),
  halfOpen: async ({ proxy }, ms) => {
    proxy.halfOpen();
    await pause(ms);
    // As when the operating system has found out; an open transaction has no other limit.
    proxy.reset();
  },
  stall: async ({ proxy }, ms) => {
    proxy.stall();
    await pause(ms);
    await proxy.pass();
  },
  delay: async ({ proxy }, ms) => {
    proxy.delay(10);
    await pause(ms);
    await proxy.pass();
  },
  resetInMessage: async ({ proxy }, ms) => {
    proxy.resetAfter(ms * 5);
    await pause(ms);
    await proxy.pass();
  },
  refuse: async ({ proxy }, ms) => {
    // Those there are go on: what runs on one that breaks now could not be cancelled, and would be seen beside its successor.
    await proxy.refuse();
    await pause(ms);
    await proxy.pass();
  },
  acceptAndClose: async ({ proxy }, ms) => {
    proxy.acceptAndClose();
    await pause(ms);
    await proxy.pass();
  },
  endSessions: ({ kind, server }) => endSessions(kind, server),
  freeze: async ({ server }, ms) => {
    await server.stop();
    await pause(ms);
    await server.cont();
  },
  kill: async ({ server }) => {
    await server.kill();
    await server.restart();
  },
  restart: ({ server }) => server.restart(),
  closeAll: ({ db }) => db.closeAll(),
  closeIdle: ({ db }) => db.closeIdle(),
  closeStale: ({ db }) => db.closeStale("100ms"),
};

/** Ends every session of the guest, as an administrator does. */
export async function endSessions(kind: ServerKind, server: FaultServer): Promise<void> {
  if (kind === "postgresql") {
    await server.exec(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${GUEST}'`);
    return;
  }
  const list = `select id from information_schema.processlist where user = '${GUEST}'`;
  for (const { id } of await server.exec<{ id: number }>(list)) {
    // It may have ended by itself meanwhile.
    await server.exec(`kill ${id}`).catch(() => {});
  }
}
