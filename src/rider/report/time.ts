/** A moment in UTC for people: `2026-11-22 17:03:09`. Sub-seconds are left out, since MySQL's `timestamp` keeps none. */
export function moment(date: Date): string {
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** A length of time in seconds for people: `12 ms`, `3.4 s`, `2 min 5 s`. */
export function length(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
