/**
 * Plays random histories of the pool's machine for a long time: `node scripts/soak/machine.ts [steps] [first seed]`.
 * Ends with 1 at the first broken promise, and prints the seed that plays it again.
 */
import { play } from "../../test/property/pool/history.ts";

const STEPS = 150;
const wanted = Number(process.argv[2] ?? 1e9);
const first = Number(process.argv[3] ?? Date.now() % 1e9);
const began = performance.now();
let steps = 0;
let said = began;

for (let seed = first; steps < wanted; seed++) {
  try {
    play(seed, STEPS);
  } catch (error) {
    console.error(`seed ${seed} after ${steps} steps:`, error);
    console.error(`again: APOCRYPHAN_SEED=${seed} node --test test/property/pool/histories.test.ts`);
    process.exit(1);
  }
  steps += STEPS;
  const now = performance.now();
  if (now - said > 10_000 || steps >= wanted) {
    said = now;
    const seconds = (now - began) / 1000;
    console.log(`${steps} steps in ${seconds.toFixed(0)} s, ${(steps / seconds).toFixed(0)} a second`);
  }
}
