/** A number from 0 (included) to 1 (excluded), each time another. Handed in, so that a test can replay a run. */
export type Chance = () => number;

/** The engine's own generator: good for jitter, not for secrets. */
export const systemChance: Chance = Math.random;
