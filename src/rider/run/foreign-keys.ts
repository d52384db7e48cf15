import { RiderError } from "../model/errors.ts";
import type { PlannedStep, Unit } from "../model/plan.ts";
import type { Session } from "./session.ts";

/**
 * What a table rebuild is made of. With foreign keys on, `drop table` first deletes every row, which sets off the
 * `on delete` actions of the tables that refer to it: a rebuild would take the children with it.
 * https://www.sqlite.org/lang_altertable.html#otheralter
 */
const REBUILDS = /\bdrop\s+table\b|\brename\s+to\b|\bforeign_keys\b|\bwritable_schema\b/i;

/** What begins so is no part of one, and needs no closer look: most statements are of this kind. */
const HARMLESS = /^\s*(?:create|insert|update|delete|select)\b/i;

/** Whether a unit holds anything that has to run without foreign keys. A function is judged by its source. */
export function rebuilds(unit: Unit): boolean {
  return unit.migrations.some((planned) => planned.steps.some(stepRebuilds));
}

function stepRebuilds({ work }: PlannedStep): boolean {
  if (work.kind === "function") return REBUILDS.test(String(work.run));
  return work.statements.some(({ text }) => !HARMLESS.test(text) && REBUILDS.test(text));
}

/** Breaches of foreign keys by the pair of tables, since a rebuild gives rows new numbers. */
type Breaches = ReadonlyMap<string, number>;

/**
 * Runs `work` (a transaction) the way SQLite's own recipe for rebuilding a table does: foreign keys are off around it,
 * since the setting can't be changed inside, and checked before it commits. Breaches from before are not held against it.
 *
 * @param work is given the check, to be called last inside the transaction
 */
export async function aroundRebuild<Value>(
  session: Session,
  off: boolean,
  work: (check: () => Promise<void>) => Promise<Value>,
): Promise<Value> {
  const [setting] = await session.select<{ foreign_keys: unknown }>("pragma foreign_keys");
  if (Number(setting?.foreign_keys) !== 1) return work(async () => undefined);
  if (!off) return work(async () => undefined);
  const before = await breaches(session);
  await session.select("pragma foreign_keys = off");
  try {
    return await work(async () => compare(before, await breaches(session)));
  } finally {
    // Where the connection is gone, so is its setting.
    await session.select("pragma foreign_keys = on").catch(() => undefined);
  }
}

async function breaches(session: Session): Promise<Breaches> {
  const counts = new Map<string, number>();
  const rows = await session
    .select<{ table: string; parent: string }>('select "table", parent from pragma_foreign_key_check')
    // "foreign key mismatch": a reference to something that is not a key. Then nothing can be checked, before or after.
    .catch(() => []);
  for (const { table, parent } of rows) {
    const pair = `"${table}" refer to rows of "${parent}"`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function compare(before: Breaches, after: Breaches): void {
  const worse = [...after].filter(([pair, count]) => count > (before.get(pair) ?? 0));
  if (worse.length === 0) return;
  const [first] = worse;
  const [pair, count] = first ?? ["", 0];
  throw new RiderError(
    `The foreign keys do not hold at the end of the transaction: ${count} rows of ${pair} that are not there${worse.length > 1 ? ` (and ${worse.length - 1} more pairs of tables)` : ""}. ` +
      "While a table is rebuilt or dropped, foreign keys are off and `on delete` actions do not run. Delete or change those rows in the same migration.",
  );
}
