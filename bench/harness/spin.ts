import { setImmediate } from "node:timers/promises";
import type { Figures, Trial } from "./part.ts";
import { Slices } from "./slices.ts";

/** So many pieces are done between two looks at the clock. */
const BATCH = 64;
/**
 * After so many, nobody begins another before the event loop has been round once, as it goes round in a program whose
 * callers come from the network. Without that a loop of promises would keep it standing for the whole trial.
 */
const TURN = 256;
/** At least so many are done before anything is measured, so that it is compiled also where the machine is busy. */
const WARM = 30_000;
/** Milliseconds; the garbage is collected several times in it. */
const SLICE = 50;

/** For work that takes microseconds: only counts, since looking at the clock each time would be a good part of it. */
export async function spin(work: () => Promise<void>, { width, seconds, warmUp }: Trial): Promise<Figures> {
  for (let done = 0; done < WARM; ) done += (await turn(work, width, warmUp)).count;
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const { count, pace } = await turn(work, width, seconds);
  const { user, system } = process.cpuUsage(cpu);
  return { nanoseconds: 1e6 / pace, cpu: ((user + system) * 1000) / count, count };
}

async function turn(work: () => Promise<void>, width: number, seconds: number) {
  let count = 0;
  let begun = 0;
  let round: Promise<void> | undefined;
  const goRound = async (): Promise<void> => {
    await setImmediate();
    round = undefined;
    slices.at(performance.now(), begun);
  };
  const from = performance.now();
  const slices = new Slices(SLICE, from);
  const end = from + seconds * 1000;
  const caller = async (): Promise<void> => {
    do {
      for (let i = 0; i < BATCH; i++) {
        if (round !== undefined) await round;
        if (++begun % TURN === 0) round = goRound();
        await work();
      }
      count += BATCH;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: width }, caller));
  return { count, pace: slices.pace(performance.now(), count) };
}
