import { OptionError } from "./error.ts";

/**
 * A length of time: a number of **seconds**, or a string with a unit: `"250ms"`, `"30s"`, `"5m"`, `"1h"`.
 */
export type Duration = number | string;

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A duration in milliseconds.
 *
 * @param option the option's name, for the error
 * @param zero whether `0` means something for this option; otherwise it is refused like a negative one
 * @throws OptionError where `value` is no duration
 */
export function milliseconds(option: string, value: unknown, { zero = false } = {}): number {
  const ms = typeof value === "number" ? value * 1000 : typeof value === "string" ? parse(value) : Number.NaN;
  if (Number.isFinite(ms) && (ms > 0 || (zero && ms === 0))) return ms;
  const least = zero ? "0 or more" : "more than 0";
  throw new OptionError(
    option,
    `The option "${option}" takes a duration of ${least}: a number of seconds, or a string such as "250ms", "30s", "5m" or "1h"; it was given ${shown(value)}.`,
  );
}

function parse(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN) : Number.NaN;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return `a value of type ${typeof value}`;
}
