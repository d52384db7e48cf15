import { tables } from "./markdown.ts";
import type { Pace } from "./pace.ts";
import type { Case, Contestant, Part, Trial } from "./part.ts";
import { runTrial } from "./process.ts";
import { type Processors, processors } from "./processors.ts";
import { type CaseResult, type PartResult, type Reached, spread } from "./results.ts";
import type { Servers } from "./servers.ts";
import { judge, measuredAgain } from "./targets.ts";

export interface How {
  readonly quick: boolean;
  readonly rounds: number | undefined;
  /** Whether a contestant of this name takes part. */
  readonly chosen: (name: string) => boolean;
  readonly servers: Servers;
  readonly pace: Pace;
  readonly tell: (line: string) => void;
}

/** Seconds of a trial, where its case says nothing else. */
const SECONDS = 0.8;
/** With less, a good part of what is measured is code that is still being compiled, and the larger program's is the larger part. */
const WARM_UP = 0.8;
/** The same for `--quick`. */
const QUICK = 0.15;
/**
 * So many times the rounds are for what a close target is about, as far as there is time: medians of three differ by as much from
 * run to run where the machine is shared. They are measured whether the target is met or missed by then, so that nothing is measured until it pleases.
 */
const CLOSER = 3;

/** What is added to the description of a part where it was done. */
const APART =
  "With one caller, the caller runs on one processor and the server on another: left to the kernel, they at times share one, which triples the pace, and more often so the more connections take turns.";

/** Measures one part: round after round, and in each every contestant in turn, in an order that changes with the round. */
export async function measure(part: Part, how: How): Promise<PartResult> {
  const urls: Partial<Record<(typeof part.needs)[number], string>> = {};
  for (const server of part.needs) urls[server] = await how.servers.url(server);
  await part.prepare?.(urls);
  const apart = part.apart ? processors() : undefined;
  let rounds = how.quick ? 1 : (how.rounds ?? part.rounds);
  const forced = how.rounds !== undefined;
  const cases: CaseResult[] = [];
  for (const kase of part.cases) {
    const result = await measureCase(part, kase, { ...how, rounds, forced, urls, apart });
    rounds = Math.min(rounds, result.rounds ?? rounds);
    how.tell(["", kase.title, ...tables(result)].join("\n"));
    cases.push(result);
  }
  // The next part may want them where they like to be.
  if (apart !== undefined) await how.servers.runOn(apart.all);
  const targets = judge(part.targets, cases);
  for (const { what, wanted, found, met } of targets) {
    if (found !== undefined) how.tell(`${met ? "✔" : "✖"} ${what}: ${found.toFixed(2)}, ${wanted}`);
  }
  const { name, title, leftOut, flatters } = part;
  const about = apart === undefined ? part.about : [...part.about, APART];
  return { name, title, about, leftOut, flatters, rounds, cases, targets };
}

interface InCase extends How {
  readonly rounds: number;
  readonly forced: boolean;
  readonly urls: Trial["urls"];
  readonly apart: Processors | undefined;
}

/** The figures of one contestant at one width, round by round. */
interface Entry {
  readonly contestant: Contestant;
  readonly width: number;
  readonly found: Map<string, number[]>;
  rounds: number;
  failed: string | undefined;
}

async function measureCase(part: Part, kase: Case, how: InCase): Promise<CaseResult> {
  const taking = kase.contestants.filter(({ name }) => how.chosen(name));
  const entries: Entry[] = [];
  for (const width of kase.widths) {
    for (const contestant of taking) {
      entries.push({ contestant, width, found: new Map(), rounds: 0, failed: await contestant.missing?.() });
    }
  }
  const share = how.pace.share(entries.length);
  const began = performance.now();
  // A round that would not end in time is not begun, unless the number was asked for.
  const repeat = async (some: readonly Entry[], wanted: number): Promise<number> => {
    const from = performance.now();
    for (let done = 0; done < wanted; done++) {
      const now = performance.now();
      const late = done > 0 && now - began + (now - from) / done > share;
      if (late && !how.forced) return done;
      for (const entry of turned(some, done)) await runOnce(part.name, kase, entry, how);
    }
    return wanted;
  };
  const rounds = await repeat(entries, how.rounds);
  if (!how.quick && !how.forced) {
    const again = measuredAgain(part.targets, resultOf(kase, entries, rounds));
    const some = entries.filter(({ contestant, width }) => again(contestant.name, width));
    await repeat(some, rounds * (CLOSER - 1));
  }
  how.pace.done(entries.length, performance.now() - began);
  return resultOf(kase, entries, rounds);
}

async function runOnce(part: string, kase: Case, entry: Entry, how: InCase): Promise<void> {
  if (entry.failed !== undefined) return;
  const alone = entry.width === 1 ? how.apart : undefined;
  if (how.apart !== undefined) await how.servers.runOn(alone?.server ?? how.apart.all);
  const seconds = kase.seconds ?? SECONDS;
  const trial: Trial = {
    ...{ part, case: kase.name, contestant: entry.contestant.name, width: entry.width },
    seconds: how.quick ? Math.min(seconds, QUICK) : seconds,
    warmUp: how.quick ? QUICK / 2 : WARM_UP,
    urls: how.urls,
    ...(alone === undefined ? {} : { processor: alone.caller }),
  };
  try {
    for (const [name, value] of Object.entries(await runTrial(trial))) {
      const values = entry.found.get(name) ?? [];
      values.push(value);
      entry.found.set(name, values);
    }
    entry.rounds++;
  } catch (error) {
    entry.failed = error instanceof Error ? error.message : String(error);
    how.tell(entry.failed);
  }
}

function resultOf(kase: Case, entries: readonly Entry[], rounds: number): CaseResult {
  const { name, title, widths, metrics, unit = "callers" } = kase;
  return {
    name,
    title,
    widths,
    unit,
    metrics,
    reached: entries.map((entry) => reached(entry, rounds)),
    rounds,
  };
}

function reached({ contestant, width, found, failed, ...entry }: Entry, rounds: number): Reached {
  const figures = failed === undefined ? [...found].map(([name, values]) => [name, spread(values)]) : [];
  return {
    ...{ contestant: contestant.name, width, figures: Object.fromEntries(figures) },
    ...(entry.rounds > rounds ? { rounds: entry.rounds } : {}),
    ...(failed === undefined ? {} : { failed: failed.split("\n", 1)[0] ?? "" }),
  };
}

/** Begins each round with another, so that nobody always runs after the same neighbour. */
function turned<T>(all: readonly T[], round: number): T[] {
  const from = (round * 3) % Math.max(all.length, 1);
  return [...all.slice(from), ...all.slice(0, from)];
}
