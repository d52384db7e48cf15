/** How many single-character edits lead from `a` to `b` (Levenshtein's distance). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The name among `known` that `given` was most likely meant to be: the nearest by its letters, else the first of which one is
 * how the other begins; `undefined` where there is none.
 * Upper and lower case, `_` and `-` are not told apart: `max_connections` is near `maxConnections`.
 */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  const plain = (s: string): string => s.toLowerCase().replaceAll(/[_-]/g, "");
  let best: string | undefined;
  let least = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const d = distance(plain(given), plain(name));
    if (d < least) {
      least = d;
      best = name;
    }
  }
  return best ?? [...known].find((name) => isStartOf(plain(given), plain(name)));
}

/** Whether one is how the other begins, as with `max` and `maxConnections`, or `username` and `user`. */
function isStartOf(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a));
}
