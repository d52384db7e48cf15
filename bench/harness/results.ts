import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, freemem, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Metric, Part } from "./part.ts";
import { peerVersion } from "./peers.ts";
import { median } from "./statistics.ts";

/** A metric of one contestant over all rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What one contestant reached at one width; or why it took no part. */
export interface Reached {
  readonly contestant: string;
  readonly width: number;
  readonly figures: Readonly<Record<string, Spread>>;
  /** How many rounds, where there were more than the case's; see `measuredAgain`. */
  readonly rounds?: number;
  readonly failed?: string;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly widths: readonly number[];
  readonly unit: string;
  readonly metrics: readonly Metric[];
  readonly reached: readonly Reached[];
  /** How many there were for everybody. Absent in older results, where it is the part's. */
  readonly rounds?: number;
}

/** A target, and what came of it. */
export interface Judged {
  readonly what: string;
  readonly wanted: string;
  /** `undefined` where what it needs was not measured. */
  readonly found?: number | undefined;
  readonly met?: boolean | undefined;
}

export interface PartResult {
  readonly name: string;
  readonly title: string;
  readonly about: readonly string[];
  readonly leftOut: readonly string[];
  readonly flatters: readonly string[];
  readonly rounds: number;
  readonly cases: readonly CaseResult[];
  readonly targets: readonly Judged[];
}

/** A whole run. */
export interface Results {
  readonly date: string;
  /** When it came to its end, as ISO 8601 has it. */
  readonly finished: string;
  readonly quick: boolean;
  readonly commit: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Seconds that the run took. */
  readonly took: number;
  readonly parts: readonly PartResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memory: string;
  readonly system: string;
  /** The average number of processes that wanted a processor in the minute before the run: the busier, the less the figures are worth. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cpus: all.length,
    memory: `${gigabytes(totalmem())}, ${gigabytes(freemem())} free`,
    system: `${platform()} ${release()} ${arch()}`,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** Node.js, this package and every peer that takes part. */
export function describeVersions(parts: readonly Part[], named: (name: string) => boolean) {
  const own = join(import.meta.dirname, "../../package.json");
  const versions: Record<string, string> = {
    "Node.js": process.version.slice(1),
    apocryphan: (JSON.parse(readFileSync(own, "utf8")) as { version: string }).version,
  };
  const all = parts.flatMap(({ cases }) => cases.flatMap(({ contestants }) => contestants));
  for (const { peers } of all.filter(({ name }) => named(name))) {
    for (const name of peers) versions[name] ??= peerVersion(name);
  }
  return versions;
}

/** The commit that is measured; with a plus where files were changed since. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "src") !== "";
    return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
  } catch {
    return "unknown";
  }
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** The most rounds that somebody had, where everybody had at least `rounds`. */
export function mostRounds(kase: CaseResult, rounds: number): number {
  return Math.max(rounds, ...kase.reached.map((one) => one.rounds ?? rounds));
}
