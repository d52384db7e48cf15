import type { JournalEntry } from "../model/history.ts";
import type { Direction } from "../model/migration.ts";
import type { PlannedStep, Resume } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";

/** One entry of the journal's kind in the plan: a statement or a function. */
export interface WorkUnit {
  readonly step: number;
  readonly statement: number;
  readonly fingerprint: string;
}

/** What a migration does in one direction, piece by piece: the positions that the journal speaks of. */
export function workUnits(steps: readonly PlannedStep[]): WorkUnit[] {
  return steps.flatMap(({ index, work }) =>
    work.kind === "function"
      ? [{ step: index, statement: 0, fingerprint: "" }]
      : work.statements.map((one, statement) => ({ step: index, statement, fingerprint: one.fingerprint })),
  );
}

/**
 * How far a half-applied migration got, or a problem where what is finished is not what its file now says. What is not finished may be
 * changed freely: that is how a statement that failed is mended.
 */
export function resume(
  id: string,
  file: string,
  direction: Direction,
  steps: readonly PlannedStep[],
  journal: readonly JournalEntry[],
): Resume | Problem | undefined {
  const entries = journal.filter((entry) => entry.direction === direction);
  if (entries.length === 0) return undefined;
  const units = workUnits(steps);
  const key = (one: { step: number; statement: number }): string => `${one.step}.${one.statement}`;
  const byKey = new Map(entries.map((entry) => [key(entry), entry]));
  const finished = entries.filter((entry) => entry.state !== "intended");
  let done = 0;
  for (const unit of units) {
    const entry = byKey.get(key(unit));
    if (entry === undefined || entry.state === "intended") break;
    if (entry.fingerprint !== unit.fingerprint) return changed(entry, steps, id, file);
    done++;
  }
  if (done < finished.length) {
    // A finished one stands beyond the first that is not, or nowhere.
    const known = new Set(units.slice(0, done).map(key));
    const lost = finished.find((entry) => !known.has(key(entry)));
    if (lost) return changed(lost, steps, id, file);
  }
  const next = units[done];
  const begun = entries.find((entry) => entry.state === "intended");
  return {
    done,
    of: units.length,
    uncertain: begun !== undefined,
    changed:
      begun !== undefined &&
      (next === undefined || key(begun) !== key(next) || begun.fingerprint !== next.fingerprint),
  };
}

function changed(entry: JournalEntry, steps: readonly PlannedStep[], id: string, file: string): Problem {
  const work = steps.find((step) => step.index === entry.step)?.work;
  const now = work?.kind === "sql" ? work.statements[entry.statement] : undefined;
  return {
    kind: "finished-changed",
    id,
    file,
    direction: entry.direction,
    step: entry.step,
    statement: entry.statement,
    now: now?.text,
    place: now?.place,
  };
}
