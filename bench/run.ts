/**
 * `npm run bench [-- part…] [--quick] [--rounds=N] [--only=text]`: measures beside what others offer, and writes
 * `bench/results/`. Takes 75 minutes at most, more or less, for several rounds of each trial; installs what it compares with on the first run, and starts its own servers.
 *
 * `--quick` runs everything once and briefly, and writes to `.cache/bench/` instead; `--only` takes those contestants whose
 * name contains the text.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { markdown } from "./harness/markdown.ts";
import { measure } from "./harness/measure.ts";
import { Pace } from "./harness/pace.ts";
import { installPeers } from "./harness/peers.ts";
import { describeCommit, describeMachine, describeVersions, type PartResult } from "./harness/results.ts";
import { Servers } from "./harness/servers.ts";
import { findPart, PARTS } from "./parts/index.ts";

const ROOT = join(import.meta.dirname, "..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const { quick, only } = values;
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) fail("--rounds takes a number.");
const parts = positionals.length === 0 ? PARTS : positionals.map(known);
const chosen = (name: string): boolean => name.includes(only);

const machine = describeMachine();
const date = new Date().toISOString().slice(0, 10);
const needed = parts.flatMap(({ cases }) => cases.flatMap(({ contestants }) => contestants));
if (needed.some(({ name, peers }) => chosen(name) && peers.length > 0)) installPeers();

const began = performance.now();
const found: PartResult[] = [];
const servers = new Servers();
/** Milliseconds that a run may take, more or less: where the machine is slow there are fewer rounds. */
const LENGTH = 75 * 60_000;
const trials = parts
  .flatMap(({ cases }) => cases)
  .map(({ widths, contestants }) => widths.length * contestants.filter(({ name }) => chosen(name)).length);
const pace = new Pace(
  LENGTH,
  trials.reduce((sum, count) => sum + count, 0),
);
try {
  for (const part of parts) {
    console.log(`\n${part.title}`);
    found.push(
      await measure(part, { quick, rounds, chosen, servers, pace, tell: (line) => console.log(line) }),
    );
  }
} finally {
  await servers.end();
}

const results = {
  ...{ date, finished: new Date().toISOString(), quick, commit: describeCommit(), machine },
  versions: { ...describeVersions(parts, chosen), ...servers.versions },
  took: (performance.now() - began) / 1000,
  parts: found,
};
const folder = quick || only !== "" ? join(ROOT, ".cache", "bench") : join(ROOT, "bench", "results");
const suffix = positionals.length === 0 ? "" : `-${positionals.join("-")}`;
const file = join(folder, `${date}${suffix}`);
mkdirSync(folder, { recursive: true });
writeFileSync(`${file}.json`, `${JSON.stringify(results, null, 1)}\n`);
writeFileSync(`${file}.md`, markdown(results));
console.log(`\nWritten: ${file}.json and .md, after ${Math.round(results.took)} s`);

function known(name: string) {
  try {
    return findPart(name);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
