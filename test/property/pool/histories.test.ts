import { test } from "node:test";
import { play } from "./history.ts";

const STEPS = 150;

/** Plays the history of `seed`; a broken promise is reported with the words that play it again. */
function replayable(seed: number): void {
  try {
    play(seed, STEPS);
  } catch (cause) {
    const again = `APOCRYPHAN_SEED=${seed} node --test test/property/pool/histories.test.ts`;
    throw new Error(`${cause instanceof Error ? cause.message : cause} (again: ${again})`, { cause });
  }
}

test("no random history of callers, faults and time breaks a promise of the machine", (t) => {
  const seed = process.env.APOCRYPHAN_SEED;
  if (seed !== undefined) {
    replayable(Number(seed));
    return;
  }
  const histories = Number(process.env.APOCRYPHAN_HISTORIES ?? 70_000);
  // Another part of the endless row of seeds each day, so that the suite goes on searching, and a day can be repeated.
  const first = Math.floor(Date.now() / 86_400_000) * 1_000_000;
  for (let seed = first; seed < first + histories; seed++) replayable(seed);
  t.diagnostic(`${histories} histories, ${histories * STEPS} steps, seeds from ${first}`);
});
