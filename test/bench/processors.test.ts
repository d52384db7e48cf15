import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bind, parseProcessors, processors } from "../../bench/harness/processors.ts";

/** Where the threads of a process may run. */
function allowed(pid: number | undefined): string[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
  return [...new Set(lists.map((status) => /Cpus_allowed_list:\s*(\S+)/.exec(status)?.[1] ?? ""))];
}

const answer = (list: string) => `pid 7's current affinity list: ${list}\n`;

test("a lone caller and the server get a processor each, the first and the last of those allowed", () => {
  assert.deepEqual(parseProcessors(answer("0-3")), { all: "0-3", server: "0", caller: "3" });
  assert.deepEqual(parseProcessors(answer("2,5-7")), { all: "2,5-7", server: "2", caller: "7" });
});

test("they get none where there is one processor, or no answer", () => {
  assert.equal(parseProcessors(answer("1")), undefined);
  assert.equal(parseProcessors("taskset: failed"), undefined);
});

test("a process is bound to a processor with its threads, and let go again", async () => {
  // Elsewhere there is nothing to bind with, and nobody is bound.
  if (process.platform !== "linux") return assert.equal(processors(), undefined);
  const [all = ""] = allowed(process.pid);
  const first = all.split(/[,-]/, 1)[0] ?? "";
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log('up')"]);
  const ended = once(child, "exit");
  try {
    await once(child.stdout, "data");
    bind(child.pid ?? 0, first);
    assert.deepEqual(allowed(child.pid), [first]);
    bind(child.pid ?? 0, all);
    assert.deepEqual(allowed(child.pid), [all]);
  } finally {
    child.stdin.end();
    await ended;
  }
});

test("nobody else is bound in the place of one that has ended", async () => {
  if (process.platform !== "linux") return assert.equal(processors(), undefined);
  const before = allowed(process.pid);
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  bind(child.pid ?? 0, before[0]?.split(/[,-]/, 1)[0] ?? "");
  assert.deepEqual(allowed(process.pid), before);
});
