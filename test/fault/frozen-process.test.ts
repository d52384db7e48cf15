import assert from "node:assert/strict";
import { test } from "node:test";
import { state } from "../support/servers/processes.ts";
import { until } from "../support/wait.ts";
import { Child } from "./children/child.ts";
import { guestSessions, guestUrl, inviteGuest, SERVERS, startServer } from "./support.ts";

/** How long the process is frozen at least, in seconds; a minute in a soak. */
const FROZEN = process.env.APOCRYPHAN_SOAK === undefined ? 0 : 60;
/** The server ends a session that lies for a second. */
const SETTINGS = { postgresql: { idle_session_timeout: "1s" }, mysql: { "wait-timeout": 1 } };

for (const kind of SERVERS) {
  test(`${kind}: a process that was frozen while the server ended its sessions goes on as if nothing had been`, async (t) => {
    const server = await startServer(kind, t, SETTINGS[kind]);
    await inviteGuest(kind, server);
    const url = guestUrl(kind, server.url);
    const child = new Child(kind, { url, maxConnections: 5, timeout: "30s" }, t);
    const { pid } = child.process;
    assert.ok(pid !== undefined);
    for (let round = 0; round < 3; round++) {
      assert.equal(await child.ask("warm", 5), 5);
      child.process.kill("SIGSTOP");
      const began = performance.now();
      await until("the process to be stopped", () => state(pid) === "T");
      await until("the sessions to be ended", async () => (await guestSessions(kind, server)) === 0);
      await until("the time to pass", () => performance.now() - began >= FROZEN * 1000, { seconds: 90 });
      // Waiting for it when it thaws, so that it comes together with the news of the dead connections.
      for (let i = 0; i < 5; i++) child.say("query");
      child.process.kill("SIGCONT");
      for (let i = 0; i < 5; i++) {
        const took = await child.answer<number>();
        assert.ok(took < 5000, `${took} ms`);
      }
    }
    assert.equal(await child.end(), 0, child.stderr);
    assert.equal(child.stderr, "");
  });
}
