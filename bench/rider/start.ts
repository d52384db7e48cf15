/**
 * `node bench/rider/start.ts [rounds]` after `npm run build`: what starting `rider` costs beside starting Node.js. One process a trial,
 * the contestants in turn, medians and their ratios to the first. What migrations cost is in `npm run bench -- rider`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../harness/statistics.ts";

const rounds = Number(process.argv[2] ?? 15);
const program = join(import.meta.dirname, "../../dist/cli/bin.js");
const folder = mkdtempSync(join(tmpdir(), "apocryphan-bench-"));

const CONTESTANTS: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "rider --version": [program, "--version"],
  "rider --help": [program, "--help"],
  "rider migrate, nothing to do": [program, "migrate", "--url", "sqlite:app.db"],
};

function trial(args: readonly string[]): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}`);
  return performance.now() - from;
}

try {
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "migrations/1-one.sql"), "create table one (id int);\n");
  const took = new Map(Object.keys(CONTESTANTS).map((name): [string, number[]] => [name, []]));
  // The first round makes the table, and fills the disk's cache.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, args] of Object.entries(CONTESTANTS)) {
      const ms = trial(args);
      if (round > 0) took.get(name)?.push(ms);
    }
  }
  const first = median(took.get("node -e 0") ?? []);
  for (const [name, times] of took) {
    const ms = median(times);
    console.log(`${name.padEnd(30)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / first).toFixed(2)} ×`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
