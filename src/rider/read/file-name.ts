/** A file name that is a migration's. */
export interface FileName {
  /** The name without its ending: the key in the database. */
  readonly id: string;
  /** The number it begins with; `007-x` and `7-x` have the same number and are different ids. */
  readonly number: bigint;
  /** What follows the number's hyphen. */
  readonly words: string;
  readonly ending: Ending;
  /** Whether it is the way back of an SQL migration: `ID.rollback.sql`. */
  readonly rollback: boolean;
}

/** The endings a migration may have, without the dot. */
export type Ending = "ts" | "mts" | "js" | "mjs" | "sql";

// Whole names: a digit first keeps `.#2-x.ts` and `#2-x.ts#` out, the ending last `2-x.ts~` and `2-x.ts.bak`.
const NAME = /^([0-9]+)-(.+)\.(ts|mts|js|mjs|sql)$/s;

/** What no file name can hold, or none that anybody could type. */
const ODD = /[/\\\p{Cc}]/u;

const ROLLBACK = ".rollback";

// `2-x.d.ts` declares types, `2-x.test.ts` stands beside a migration, `2-x.bak.sql` is a copy that was kept.
const BESIDE = /\.(?:d|test|spec|bak|orig|old|tmp|swp)$/i;

/**
 * What a file's name (without folder) says, or `null` where it is no migration's: `<number>-<words>` with one of the
 * endings `.ts`, `.mts`, `.js`, `.mjs` and `.sql`, or `ID.rollback.sql`. Only whole names count, spaces are allowed.
 */
export function parseFileName(name: string): FileName | null {
  const match = NAME.exec(name);
  if (!match) return null;
  const [, digits = "", rest = "", ending = ""] = match;
  const rollback = rest.endsWith(ROLLBACK) && rest !== ROLLBACK;
  const words = rollback ? rest.slice(0, -ROLLBACK.length) : rest;
  // Only SQL keeps its way back in a file of its own. Run forwards, `2-x.rollback.ts` would do the opposite of what it says.
  if (rollback && ending !== "sql") return null;
  if (words.trim() === "" || BESIDE.test(words) || ODD.test(words)) return null;
  return {
    id: `${digits}-${words}`,
    number: BigInt(digits),
    words,
    ending: ending as Ending,
    rollback,
  };
}

/** The number and the words of an id, also of one whose file is gone; `-1n` where it has no number. */
export function parseId(id: string): { number: bigint; words: string } {
  const match = /^([0-9]+)-(.*)$/s.exec(id);
  return match ? { number: BigInt(match[1] ?? "0"), words: match[2] ?? "" } : { number: -1n, words: id };
}
