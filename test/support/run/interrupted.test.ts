import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { URLS } from "../database.ts";
import { temporaryFolder } from "../servers/folder.ts";
import { alive, inside, members } from "../servers/processes.ts";
import { SHARED } from "../servers/shared.ts";
import { until } from "../wait.ts";

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`a test process that ends by ${signal} leaves no server and no folder`, async () => {
    const child = start(["test/support/run/holder.ts"], {});
    const [line] = await once(createInterface({ input: child.stdout ?? assert.fail() }), "line");
    const { pids, folders }: { pids: number[]; folders: string[] } = JSON.parse(line);
    const all = pids.flatMap((pid) => members(pid));
    assert.ok(all.length > pids.length && all.every(alive));
    child.kill(signal);
    await until("all processes to end", () => !all.some(alive));
    await until("all folders to be gone", () => !folders.some((folder) => existsSync(folder)));
  });
}

for (const signal of ["SIGINT", "SIGHUP", "SIGKILL"] as const) {
  test(`a run of the tests that ends by ${signal} leaves no server, no test file and no folder`, async () => {
    const note = join(temporaryFolder(), "note");
    const without = Object.fromEntries([...Object.values(URLS), SHARED].map((name) => [name, undefined]));
    const child = start(["scripts/test.ts", "test/support/run/hanging.ts"], { ...without, SAY_SO: note });
    await until("the test file to run", () => existsSync(note) && readFileSync(note, "utf8").endsWith("}"));
    const { pid, folder, env }: { pid: number; folder: string; env: Record<string, string> } = JSON.parse(
      readFileSync(note, "utf8"),
    );
    const shared = env[SHARED] ?? assert.fail("the run names its folder");
    const all = members(child.pid ?? assert.fail());
    assert.ok(all.includes(pid) && all.length > 5, "the run, its test file and the servers of both");
    const exit = once(child, "exit");
    child.kill(signal);
    const [code] = await exit;
    assert.equal(code, { SIGINT: 130, SIGHUP: 129, SIGKILL: null }[signal]);
    await until("all processes to end", () => !all.some(alive));
    await until("the folders to be gone", () => !existsSync(shared) && !existsSync(folder));
    assert.deepEqual([...inside(shared), ...inside(folder)], []);
  });
}

function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...inherited, ...env },
  });
}
