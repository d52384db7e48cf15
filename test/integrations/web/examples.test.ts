import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../../support/wait.ts";

const ROOT = join(import.meta.dirname, "../../..");

for (const framework of ["express", "fastify", "koa", "hono"]) {
  test(`examples/${framework} starts with one command, keeps contacts and ends when it is told to`, async (t) => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const [program, ...args] = String(scripts[`example:${framework}`]).split(" ");
    assert.equal(program, "node");
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, PORT: "0", DATABASE_URL: "sqlite::memory:" },
    });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    let complained = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    child.stderr.on("data", (text) => {
      complained += text;
    });
    const ended = once(child, "close");
    const url = await until("its address", () => {
      assert.equal(child.exitCode, null, complained);
      return /http:\S+/.exec(said)?.[0] ?? "";
    });
    const post = (name: string): Promise<Response> =>
      fetch(url, {
        method: "POST",
        body: JSON.stringify({ name }),
        headers: { "content-type": "application/json", connection: "close" },
      });
    assert.equal((await post("Ada")).status, 201);
    assert.equal((await post("Ada")).status, 500);
    const response = await fetch(url, { headers: { connection: "close" } });
    assert.deepEqual(await response.json(), [{ id: 1, name: "Ada" }]);
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], complained);
  });
}
