/**
 * Plays random histories of the pool's machine for a long time, on all cores: `node scripts/soak/machine.ts [steps] [first
 * seed]`, 10⁹ steps by default. Ends with 1 at the first broken promise, and prints the seed that plays it again.
 */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { play } from "../../test/property/pool/history.ts";

const STEPS = 150;
/** Steps after which a thread tells how far it is. */
const REPORT = 150_000;

/** What a thread is to play: every `each`th seed from `first` on. */
interface Part {
  readonly first: number;
  readonly each: number;
  readonly steps: number;
}

/** What a thread tells. */
interface News {
  readonly steps: number;
  readonly broken?: { readonly seed: number; readonly error: unknown };
}

function playPart({ first, each, steps }: Part, tell: (news: News) => void): void {
  let since = 0;
  for (let seed = first, done = 0; done < steps; seed += each, done += STEPS) {
    try {
      play(seed, STEPS);
    } catch (error) {
      tell({ steps: since, broken: { seed, error } });
      return;
    }
    since += STEPS;
    if (since < REPORT && done + STEPS < steps) continue;
    tell({ steps: since });
    since = 0;
  }
}

async function playAll(wanted: number, first: number): Promise<void> {
  const began = performance.now();
  const each = availableParallelism();
  let steps = 0;
  let said = began;
  const say = (): void => {
    said = performance.now();
    const seconds = (said - began) / 1000;
    console.log(
      `${steps} steps in ${seconds.toFixed(0)} s, ${(steps / seconds).toFixed(0)} a second, on ${each} cores`,
    );
  };
  const parts = Array.from({ length: each }, (_, i) => {
    const part: Part = { first: first + i, each, steps: wanted / each };
    const thread = new Worker(import.meta.filename, { workerData: part });
    thread.on("message", ({ steps: more, broken }: News) => {
      steps += more;
      if (broken !== undefined) {
        console.error(`seed ${broken.seed} after ${steps} steps:`, broken.error);
        console.error(
          `again: APOCRYPHAN_SEED=${broken.seed} node --test test/property/pool/histories.test.ts`,
        );
        process.exit(1);
      }
      if (performance.now() - said > 10_000) say();
    });
    return new Promise((resolve, reject) => thread.once("exit", resolve).once("error", reject));
  });
  await Promise.all(parts);
  say();
}

if (isMainThread) await playAll(Number(process.argv[2] ?? 1e9), Number(process.argv[3] ?? Date.now() % 1e9));
else playPart(workerData as Part, (news) => parentPort?.postMessage(news));
