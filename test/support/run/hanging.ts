/** A test file that starts a server of its own and never ends, for `interrupted.test.ts`; not named `*.test.ts`, so that it runs only when asked for. */
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { startPostgres } from "../servers/postgres.ts";

test("hangs", async () => {
  const own = await startPostgres();
  const { SAY_SO, ...env } = process.env;
  if (SAY_SO) writeFileSync(SAY_SO, JSON.stringify({ pid: process.pid, folder: own.socketDir, env }));
  await new Promise(() => setInterval(() => {}, 1000));
});
