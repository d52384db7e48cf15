import type { DatabaseState } from "../model/errors.ts";
import type { PlannedMigration, Unit } from "../model/plan.ts";
import { Batch } from "./batch.ts";
import type { Position, RunContext } from "./context.ts";
import { aroundRebuild, rebuilds } from "./foreign-keys.ts";
import { placeOf, runStep } from "./step.ts";
import { isLost, Stopped } from "./stopped.ts";

/** One migration that a transaction has run, to be recorded in it. */
interface Ran {
  readonly planned: PlannedMigration;
  readonly where: Position;
  ms: number;
}

/**
 * Runs a unit in one transaction, with its records: all of it happens, or nothing.
 *
 * @param finished the ids that this run had finished before
 * @throws Stopped
 */
export async function runWhole(
  context: RunContext,
  unit: Unit,
  position: () => Position,
  finished: readonly string[],
): Promise<void> {
  const { guard, dialect } = context;
  const ran: Ran[] = [];
  let committing = false;
  const transaction = (check: () => Promise<void>): Promise<void> =>
    guard.work.atomic(async () => {
      await guard.enter();
      await limitLocks(context);
      const byMigration = new Map<PlannedMigration, Ran>();
      const batch = new Batch(context, (planned, ms) => {
        const one = byMigration.get(planned);
        if (one) one.ms += ms;
      });
      for (const planned of unit.migrations) {
        const one = { planned, where: position(), ms: 0 };
        ran.push(one);
        byMigration.set(planned, one);
        await runOne(context, one, batch);
      }
      await batch.flush();
      await last(unit, async () => {
        await record(context, ran);
        await check();
        await guard.check();
      });
      committing = true;
    });
  try {
    if (dialect === "sqlite") await aroundRebuild(guard.work, rebuilds(unit), transaction);
    else await transaction(async () => undefined);
  } catch (error) {
    const state: DatabaseState =
      committing && isLost(error)
        ? { kind: "unknown", finished }
        : finished.length === 0
          ? { kind: "unchanged" }
          : { kind: "migration-undone", finished };
    const stopped = error instanceof Stopped ? error : new Stopped(lastPlace(unit), error);
    throw stopped.with(state);
  }
  // Only now is it true.
  for (const { planned, where, ms } of ran) {
    context.emit({
      type: "done",
      direction: planned.direction,
      id: planned.id,
      ...where,
      seconds: ms / 1000,
      recordOnly: planned.recordOnly || undefined,
    });
  }
}

async function runOne(context: RunContext, one: Ran, batch: Batch): Promise<void> {
  const { planned, where } = one;
  context.emit({ type: "begin", direction: planned.direction, id: planned.id, ...where });
  for (const step of planned.steps) {
    if (context.dialect !== "mysql" && step.work.kind === "sql" && !step.ignoreErrors) {
      await batch.add(planned, step);
      continue;
    }
    await batch.flush();
    const began = performance.now();
    await runStep(context, planned, step);
    one.ms += performance.now() - began;
  }
}

/** Writes the records of all migrations at once, at the end of the transaction: the round trips are few, and it is all the same to everybody outside. */
async function record({ ledger }: RunContext, ran: readonly Ran[]): Promise<void> {
  const back = ran.filter(({ planned }) => planned.direction === "rollback");
  const forth = ran.filter(({ planned }) => planned.direction === "migrate");
  // A redo rolls back first and applies the same again.
  await ledger.forget(back.map(({ planned }) => planned.id));
  await ledger.record(forth.map(({ planned }) => recordOf(planned)));
  await ledger.log(
    ran.map(({ planned, ms }) => ({
      migration: planned.id,
      operation: planned.direction === "migrate" ? "apply" : "rollback",
      direction: planned.direction,
      durationMs: ms,
      detail: planned.recordOnly ? "the record alone" : undefined,
    })),
  );
}

/** What is recorded of a migration beside its id. */
export function recordOf({ id, migration }: PlannedMigration): {
  id: string;
  checksum: string | null;
  depends: readonly string[] | null;
} {
  return { id, checksum: migration?.checksum ?? null, depends: migration?.depends ?? null };
}

/** PostgreSQL ends the setting with the transaction; the other two have it for the session. */
async function limitLocks({ dialect, guard, statementLockTimeout }: RunContext): Promise<void> {
  if (statementLockTimeout === undefined || dialect !== "postgresql") return;
  await guard.work.sql(`set local lock_timeout = ${Math.ceil(statementLockTimeout)}`);
}

async function last(unit: Unit, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Stopped(lastPlace(unit), error);
  }
}

/** What fails after the last statement (the records, a deferred constraint at the commit) is told of the last migration. */
function lastPlace(unit: Unit): Stopped["at"] {
  const planned = unit.migrations.at(-1);
  return planned ? placeOf(planned) : { migration: "", file: "", direction: "migrate" };
}
