import { rmSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { PREFIX } from "./folder.ts";
import { alive, inside, killAll, killGroup, members, signal, started } from "./processes.ts";

/*
 * Outlives the process that started it by a moment, and cleans up behind it however that ended, `kill -9` included:
 * standard input is a pipe whose other end only the owner holds, and the system closes it when the owner ends.
 * Until then the owner says, one JSON object a line, what there is to clean up.
 */

/** What an owner tells its watchdog. */
export type Word =
  | { op: "watch"; pid: number; started: string; folder: string; signal: NodeJS.Signals }
  | { op: "group"; pid: number }
  | { op: "forget"; pid: number }
  | { op: "folder"; path: string }
  | { op: "removed"; path: string };

if (import.meta.main) await main();

async function main(): Promise<void> {
  // What ends the owner from a terminal must not end the one who cleans up behind it.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
  const watched = new Map<number, Extract<Word, { op: "watch" }>>();
  const groups = new Set<number>();
  const folders = new Set<string>();
  for await (const line of createInterface({ input: process.stdin })) {
    const word: Word = JSON.parse(line);
    if (word.op === "watch") watched.set(word.pid, word);
    else if (word.op === "group") groups.add(word.pid);
    else if (word.op === "forget") void (watched.delete(word.pid) || groups.delete(word.pid));
    else if (word.op === "folder") folders.add(word.path);
    else folders.delete(word.path);
  }
  for (const pid of groups) killGroup(pid);
  await Promise.all(
    [...watched.values()].map(({ pid, started, folder, signal }) => end(pid, started, folder, signal)),
  );
  for (const path of folders) {
    // A last guard: nothing but a folder of our own making is ever removed.
    if (basename(path).startsWith(PREFIX)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The server's own quick way out first, since that also frees its shared memory; two seconds later the hard one. */
async function end(pid: number, since: string, folder: string, quick: NodeJS.Signals): Promise<void> {
  const same = alive(pid) && started(pid) === since;
  if (same) {
    const all = members(pid, folder);
    for (const one of all) signal(one, "SIGCONT");
    signal(pid, quick);
    for (let waited = 0; waited < 2000 && all.some(alive); waited += 20) await sleep(20);
  }
  if (alive(pid) && started(pid) === since) killAll(pid, folder);
  // Children of a server that was gone before its owner.
  for (const one of inside(folder)) signal(one, "SIGKILL");
}
