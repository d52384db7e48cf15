import { AbortError } from "../../base/error.ts";
import type { FailurePlace } from "../model/errors.ts";
import type { PlannedMigration, PlannedStep } from "../model/plan.ts";
import type { RunContext } from "./context.ts";
import { placeInStack } from "./stack.ts";
import { StepDatabase } from "./step-database.ts";
import { type DatabaseFailure, isDatabaseError, isLost, Stopped, words } from "./stopped.ts";

/** Where a statement or function of a migration stands. */
export function placeOf(planned: PlannedMigration, step?: PlannedStep, statement?: number): FailurePlace {
  const sql =
    step?.work.kind === "sql" && statement !== undefined ? step.work.statements[statement] : undefined;
  return {
    migration: planned.id,
    file: sql?.place?.file ?? planned.migration?.file ?? "",
    direction: planned.direction,
    step: step?.index,
    statement: sql === undefined ? undefined : statement,
    place: sql?.place,
    sql: sql?.text,
  };
}

/** Throws where the run was asked to end; called before each statement. */
export function stopIfAsked(context: RunContext, at: FailurePlace): void {
  const { signal } = context;
  if (signal?.aborted) throw new Stopped(at, new AbortError("The run", { cause: signal.reason }));
}

/** Whether `ignoreErrors` covers a failure: what the database refused, not a lost connection and not a mistake in the program. */
export function isIgnorable(error: unknown): error is DatabaseFailure {
  return isDatabaseError(error) && !isLost(error);
}

/** Runs one step inside the transaction that is open. */
export async function runStep(
  context: RunContext,
  planned: PlannedMigration,
  step: PlannedStep,
): Promise<void> {
  if (!step.ignoreErrors) return runWork(context, planned, step);
  try {
    // A savepoint: on PostgreSQL one failed statement would otherwise be the end of the whole transaction.
    await context.guard.work.atomic(() => runWork(context, planned, step));
  } catch (error) {
    const reason = error instanceof Stopped ? error.reason : error;
    if (!isIgnorable(reason)) throw error;
    context.emit({
      type: "ignored",
      direction: planned.direction,
      id: planned.id,
      step: step.index,
      statement: error instanceof Stopped ? error.at.statement : undefined,
      reason: words(reason),
    });
  }
}

async function runWork(context: RunContext, planned: PlannedMigration, step: PlannedStep): Promise<void> {
  if (step.work.kind === "sql") {
    for (const [index, { text }] of step.work.statements.entries()) {
      await sendOne(context, planned, step, index, text);
    }
    return;
  }
  const at = placeOf(planned, step);
  stopIfAsked(context, at);
  try {
    await new StepDatabase(context.guard.work, context.dialect).run(step.work.run);
  } catch (error) {
    throw new Stopped({ ...at, place: placeInStack(error, at.file) }, error);
  }
  context.emit({ type: "statement", id: planned.id, step: step.index, statement: 0 });
}

/** Sends one statement inside the transaction that is open. */
export async function sendOne(
  context: RunContext,
  planned: PlannedMigration,
  step: PlannedStep,
  index: number,
  text: string,
): Promise<void> {
  if (context.signal?.aborted) stopIfAsked(context, placeOf(planned, step, index));
  try {
    await context.guard.work.sql(text);
  } catch (error) {
    throw new Stopped(placeOf(planned, step, index), error);
  }
  context.emit({ type: "statement", id: planned.id, step: step.index, statement: index });
}
