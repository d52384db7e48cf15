/** The middle one of `rounds` measurements, each of what `measure` gives. */
export async function median(rounds: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure());
  found.sort((a, b) => a - b);
  return found[rounds >> 1] as number;
}

/** Milliseconds that `work` takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
