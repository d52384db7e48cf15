import { AbortError } from "../../base/error.ts";
import type { DatabaseState, FailurePlace, RiderError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { failureError } from "../plan/failure.ts";
import { recognise } from "../read/recognise.ts";
import type { Position, RunContext } from "./context.ts";
import type { Past } from "./history.ts";
import { runPiecemeal } from "./piecemeal.ts";
import { isDatabaseError, isLost, Stopped, words } from "./stopped.ts";
import { runWhole } from "./whole.ts";

/** What a run did, in its order. */
export interface Executed {
  readonly applied: readonly string[];
  readonly rolledBack: readonly string[];
  /** In seconds. */
  readonly seconds: number;
}

/**
 * Carries a plan out, under the lock.
 *
 * @throws MigrateError or RollbackError saying where it stopped and what state the database is in
 */
export async function execute(context: RunContext, plan: Plan, past: Past): Promise<Executed> {
  const of = plan.units.reduce((sum, unit) => sum + unit.migrations.length, 0);
  const began = performance.now();
  const applied: string[] = [];
  const rolledBack: string[] = [];
  let at = 0;
  const position = (): Position => ({ position: ++at, of });
  for (const direction of ["rollback", "migrate"] as const) {
    const count = countOf(plan, direction);
    if (count > 0 || direction === plan.direction) context.emit({ type: "planned", direction, count });
  }
  for (const unit of plan.units) {
    const finished = [...rolledBack, ...applied];
    try {
      const [only] = unit.migrations;
      if (unit.boundary === "none" && only) await runPiecemeal(context, only, position(), past, finished);
      else await runWhole(context, unit, position, finished);
    } catch (error) {
      throw await failed(context, error, finished);
    }
    for (const { id, direction } of unit.migrations)
      (direction === "migrate" ? applied : rolledBack).push(id);
  }
  const seconds = (performance.now() - began) / 1000;
  const { direction } = plan;
  context.emit({ type: "end", direction, count: countOf(plan, direction), seconds });
  return { applied, rolledBack, seconds };
}

function countOf(plan: Plan, direction: Plan["direction"]): number {
  return plan.units.reduce(
    (sum, unit) => sum + unit.migrations.filter((planned) => planned.direction === direction).length,
    0,
  );
}

/** Writes the failure into the log, and gives the error that says everything about it. */
async function failed(context: RunContext, error: unknown, finished: readonly string[]): Promise<unknown> {
  if (!(error instanceof Stopped)) return error;
  const { at, reason, note } = error;
  const state: DatabaseState = error.state ?? { kind: "unknown", finished };
  const said = words(reason);
  const stoppedBy = askedToStop(reason);
  if (!isLost(reason) && stoppedBy === undefined) {
    const entry = {
      migration: at.migration,
      operation: "failure",
      direction: at.direction,
      detail: said,
    } as const;
    // What the run failed of matters more than that this could not be written down.
    await context.ledger.log([entry]).catch(() => undefined);
  }
  if (isRefusal(reason)) return reason;
  const hint = [pointed(at, reason), hintOf(context, at), note]
    .filter((part) => part !== undefined)
    .join(" ");
  return failureError({
    at,
    state,
    reason: said,
    hint: hint === "" ? undefined : hint,
    cause: reason,
    kind: isDatabaseError(reason) ? reason.kind : undefined,
    lost: isLost(reason),
    stoppedBy,
  });
}

/** What has aborted the run's signal: the reason it was given, where that is a word, such as a signal's name. */
function askedToStop(reason: unknown): string | undefined {
  if (!(reason instanceof AbortError)) return undefined;
  return typeof reason.cause === "string" ? reason.cause : "its signal";
}

/** Errors that are whole already: the lock was lost, or a finished statement was changed. */
function isRefusal(reason: unknown): reason is RiderError {
  const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
  return code === "LOCK" || code === "DRIFT";
}

/** Where in a statement of several lines the server saw the mistake. */
function pointed({ sql, place }: FailurePlace, reason: unknown): string | undefined {
  if (!isDatabaseError(reason) || reason.position === undefined || sql === undefined || place === undefined)
    return undefined;
  const before = [...sql]
    .slice(0, reason.position - 1)
    .join("")
    .split("\n");
  if (before.length < 2) return undefined;
  return `The database points at line ${place.line + before.length - 1}, column ${(before.at(-1) ?? "").length + 1}.`;
}

function hintOf({ dialect }: RunContext, { sql }: FailurePlace): string | undefined {
  return sql === undefined ? undefined : recognise(sql, dialect).hint;
}
