/**
 * One rule for the three databases: a whole number comes as a `number` where that is exact and as a `bigint` beyond
 * 2⁵³; a decimal (`numeric`, `decimal`) comes as a string. No digit is ever lost.
 */
export function exactInteger(digits: string): number | bigint {
  const n = Number(digits);
  return Number.isSafeInteger(n) ? n : BigInt(digits);
}

/** The same for a driver that reads every whole number as a `bigint`. */
export function narrowed(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
