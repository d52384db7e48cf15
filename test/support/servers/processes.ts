import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Whether a process of this id exists (one that has ended but was not yet waited for does not count). */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return state(pid) !== "Z";
}

/** The letter under which Linux shows a process's state: `T` stopped, `Z` ended; empty where it can't be known. */
export function state(pid: number): string {
  return stat(pid)?.state ?? "";
}

/**
 * What tells this process from another that gets the same id later: its start time, in ticks since boot.
 * Empty where `/proc` is missing.
 */
export function started(pid: number): string {
  return stat(pid)?.started ?? "";
}

/**
 * All processes of a server: `root`, what it started, what those started, and every process that works inside
 * `folder`, which also finds the children of a root that is gone already.
 */
export function members(root: number, folder?: string): number[] {
  if (root <= 1) throw new Error(`bug: process ${root} is nobody's to end`);
  const found = new Set<number>();
  const children = parentage();
  const walk = (pid: number): void => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const child of children.get(pid) ?? []) walk(child);
  };
  walk(root);
  if (folder) for (const pid of inside(folder)) found.add(pid);
  found.delete(process.pid);
  return [...found].filter(alive);
}

/** Sends a signal; a process that is gone is no failure. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Kills all members at once. The root is stopped first, so that it starts no more while they are counted. */
export function killAll(root: number, folder?: string): void {
  if (alive(root)) signal(root, "SIGSTOP");
  for (const pid of members(root, folder)) signal(pid, "SIGKILL");
}

/** Kills the process group that `leader` leads or led; one that is gone is no failure. */
export function killGroup(leader: number): void {
  if (leader <= 1) throw new Error(`bug: process group ${leader} is nobody's to end`);
  signal(-leader, "SIGKILL");
}

function stat(pid: number): { state: string; parent: number; started: string } | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything; what follows the last one is regular. Field 3 comes first here.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", parent: Number(fields[1]), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function pids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function parentage(): Map<number, number[]> {
  const pairs = existsSync("/proc/self/stat")
    ? pids().flatMap((pid) => {
        const found = stat(pid);
        return found ? [[pid, found.parent] as const] : [];
      })
    : execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/).map(Number))
        .map(([pid = 0, parent = 0]) => [pid, parent] as const);
  const children = new Map<number, number[]>();
  for (const [pid, parent] of pairs) children.set(parent, [...(children.get(parent) ?? []), pid]);
  return children;
}

/** The processes that work inside a folder, which is how a server's are known even when their parent is gone. */
export function inside(folder: string): number[] {
  if (!existsSync("/proc/self/cwd")) return [];
  return pids().filter((pid) => {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
      return cwd === folder || cwd.startsWith(`${folder}/`);
    } catch {
      return false;
    }
  });
}
