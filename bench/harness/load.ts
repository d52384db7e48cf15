import type { Figures, Trial } from "./part.ts";
import { Slices } from "./slices.ts";
import { percentile } from "./statistics.ts";

/** One piece of work, given a number of its own. It checks its answer and throws where that is wrong. */
export type Work = (i: number) => Promise<void>;

/** Numbers go round below this, so that each fits the databases' 32-bit integers. */
const ROUND = 1 << 30;

/** As many latencies as are kept; more are thinned out. */
const MOST = 2_000_000;

/**
 * After how many pieces of work it is warm, and how often the time for warming up is taken for that at most. What is compiled is
 * decided by how often it was called: with one caller, whose pieces are slow, there is code that is first compiled in the second
 * second, and the larger program has more of it. A program that runs for days has that behind it.
 */
const WARM = 40_000;
const LONGEST = 6;

/** Milliseconds. Long enough for what holds others up, such as a slow statement, to come and go in each. */
const SLICE = 100;

/**
 * Repeats `work` by `width` callers at once, each beginning anew when it is answered; first to warm up, for `warmUp` seconds or
 * longer, then measured.
 *
 * @param warm is called in between
 */
export async function load(
  work: Work,
  { width, seconds, warmUp }: Trial,
  warm: () => void = () => {},
): Promise<Figures> {
  for (let times = 0, done = 0; times < LONGEST && done < WARM; times++)
    done += (await repeat(work, width, warmUp)).count;
  warm();
  // No garbage is collected for a fresh start: done while nobody is served, that takes the shapes of all that lives for one
  // statement, and with them the compiled code that knows them, so that the next second would be one of warming up.
  const cpu = process.cpuUsage();
  const { pace, latencies, count } = await repeat(work, width, seconds);
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: pace * 1000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu: (user + system) / count,
    count,
  };
}

let next = 0;

async function repeat(work: Work, width: number, seconds: number) {
  const latencies = new Float64Array(MOST);
  let count = 0;
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const slices = new Slices(SLICE, begun);
  const caller = async (): Promise<void> => {
    let from = performance.now();
    // At least once each, also where the machine is so busy that the time is over before everybody has begun.
    do {
      next = (next + 1) % ROUND;
      await work(next);
      const to = performance.now();
      latencies[count++ % MOST] = to - from;
      slices.at(to, count);
      from = to;
    } while (from < end);
  };
  await Promise.all(Array.from({ length: width }, caller));
  return {
    pace: slices.pace(performance.now(), count),
    latencies: latencies.slice(0, Math.min(count, MOST)),
    count,
  };
}

/** @throws Error where an answer is not the one that was asked for */
export function expect(found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`Wrong answer: ${String(found)} instead of ${String(wanted)}.`);
}
