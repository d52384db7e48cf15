import { spawnSync } from "node:child_process";

/** Lists of processors as `taskset` takes them, such as `0` or `0-3`. */
export interface Processors {
  readonly all: string;
  readonly server: string;
  readonly caller: string;
}

/**
 * A processor for a lone caller, one for the server, and all that this process may use; `undefined` where there are not two, or
 * nothing to bind a process with (it is Linux's `taskset`).
 *
 * Who is alone sleeps while the server works, and the other way round. Whether the kernel wakes them on one processor (40 µs for a
 * statement on MariaDB, on the machine on which this was found) or on two (120 µs) is none of the client's doing, and yet differs with
 * the number of its connections: the server's thread that had slept longest was more often found on the caller's processor, so that the same
 * client went 1.2 times as fast with ten connections in turn as with one. On a processor each there was no such difference.
 */
export function processors(): Processors | undefined {
  const { status, stdout } = spawnSync("taskset", ["-c", "-p", String(process.pid)], { encoding: "utf8" });
  if (status !== 0) return undefined;
  return parseProcessors(stdout);
}

/** @param answer of `taskset -c -p`, which is `pid 7's current affinity list: 0-3` */
export function parseProcessors(answer: string): Processors | undefined {
  const all = /: ([\d,-]+)\s*$/.exec(answer)?.[1];
  const [server, ...others] = all?.split(/[,-]/) ?? [];
  const caller = others.at(-1);
  if (all === undefined || server === undefined || caller === undefined) return undefined;
  return { all, server, caller };
}

/** Has a process, with all its threads and what it starts from now on, run on these processors only. One that has ended is left alone. */
export function bind(pid: number, list: string): void {
  spawnSync("taskset", ["-a", "-c", "-p", list, String(pid)]);
}
