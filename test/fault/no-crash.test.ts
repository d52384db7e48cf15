import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type FaultProxy, startProxy } from "../support/proxy.ts";
import { until } from "../support/wait.ts";
import { endSessions } from "./chaos/faults.ts";
import { Child } from "./children/child.ts";
import {
  type FaultServer,
  guestSessions,
  guestUrl,
  inviteGuest,
  SERVERS,
  type ServerKind,
  startServer,
} from "./support.ts";

interface Scene {
  readonly kind: ServerKind;
  readonly server: FaultServer;
  readonly proxy: FaultProxy;
}

/** Ways in which connections die. */
const DEATHS: Record<string, (scene: Scene) => Promise<unknown>> = {
  "an administrator ends the sessions": ({ kind, server }) => endSessions(kind, server),
  "the server is killed": ({ server }) => server.kill(),
  "the server is shut down": ({ server }) => server.terminate(),
  "the network breaks them off": async ({ proxy }) => proxy.reset(),
  "the network ends them in good order": async ({ proxy }) => proxy.cut(),
};

async function scene(kind: ServerKind, t: TestContext): Promise<Scene & { child: Child }> {
  const server = await startServer(kind, t);
  await inviteGuest(kind, server);
  const proxy = await startProxy(server.url);
  t.after(() => proxy[Symbol.asyncDispose]());
  const url = proxy.through(guestUrl(kind, server.url));
  const child = new Child(kind, { url, maxConnections: 8, timeout: "60s", connectTimeout: "5s" }, t);
  return { kind, server, proxy, child };
}

for (const kind of SERVERS) {
  test(`${kind}: no way in which connections die ends the process, be they idle, held or in use`, async (t) => {
    const { child, ...at } = await scene(kind, t);
    const running = `select count(*) as n from ${kind === "postgresql" ? "pg_stat_activity where state = 'active' and query" : "information_schema.processlist where info"} like '%sleep(60)%' and ${kind === "postgresql" ? "pid <> pg_backend_pid()" : "id <> connection_id()"}`;
    for (const [how, die] of Object.entries(DEATHS)) {
      await child.ask("warm", 8);
      await child.ask("hold", 2);
      await child.ask("use", 3);
      await child.ask("cursor");
      await until("the statements to run", async () => {
        const [row] = await at.server.exec<{ n: number }>(running);
        return Number(row?.n) === 4;
      });
      await die(at);
      // Seen by the pool although nobody sends anything on those that are held and those that are idle.
      await until("all to be noticed", async () => (await child.ask<{ open: number }>("stats")).open === 0);
      if (!at.server.running) await at.server.restart();
      // PostgreSQL notices a lost client only when it next has something to say to it.
      await endSessions(kind, at.server);
      await until("its sessions to end", async () => (await guestSessions(kind, at.server)) === 0);
      await child.ask("release");
      assert.deepEqual(await child.ask("outcomes"), Array(6).fill("ConnectionLostError"), how);
      await child.ask("query");
    }
    assert.equal(await child.end(), 0, child.stderr);
    assert.equal(child.stderr, "");
    await until("the server to have no session", async () => (await guestSessions(kind, at.server)) === 0);
  });
}
