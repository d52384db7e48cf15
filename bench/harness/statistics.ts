/** The middle of several figures; between the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("No median of nothing.");
  return (lower + upper) / 2;
}

/** The smallest figure that at least the part `share` (0 to 1) of all are not above. Sorts `values`. */
export function percentile(values: Float64Array, share: number): number {
  const sorted = values.sort();
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new RangeError("No percentile of nothing.");
  return found;
}
