import { transactionalDdl } from "../model/dialect.ts";
import type { History } from "../model/history.ts";
import { type Direction, isRead, type Migration, type Outline } from "../model/migration.ts";
import type { Plan, PlannedMigration, Unit } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { type Choice, chooseMigrate, chooseRollback } from "./choose.ts";
import { drift } from "./drift.ts";
import type { Site } from "./landscape.ts";
import type { MigrateOptions, PlanOptions, RollbackOptions } from "./options.ts";
import { refusals } from "./refusals.ts";
import { resume } from "./resume.ts";
import { canRollBack, orProblem, plannedSteps } from "./steps.ts";

/**
 * What `migrate` does: everything pending, dependencies first; half undone migrations are undone to their end before that.
 *
 * `migrations` may hold outlines; those that `chooseMigrate` names must be read whole.
 *
 * @param choice what `chooseMigrate` has made of these very migrations, where it was asked before
 */
export function planMigrate(
  migrations: readonly (Outline | Migration)[],
  history: History,
  options: MigrateOptions,
  choice: Choice<Outline | Migration> | Problem[] = chooseMigrate(migrations, history, options),
): Plan | Problem[] {
  if (Array.isArray(choice)) return choice;
  const undone = choice.undone.map((site) => planOne(site, "rollback", options, { force: false }));
  // Undone to its end, it begins anew.
  const chosen = choice.chosen.map((site) =>
    planOne(choice.undone.includes(site) ? { ...site, journal: [] } : site, "migrate", options, {
      force: false,
    }),
  );
  return assemble("migrate", [...undone, ...chosen], choice, options);
}

/**
 * What `rollback` does: what the target names and all that depend on it, newest first. A problem where one of them has no rollback, unless `force`.
 *
 * `migrations` may hold outlines; those that `chooseRollback` names must be read whole.
 *
 * @param choice what `chooseRollback` has made of these very migrations, where it was asked before
 */
export function planRollback(
  migrations: readonly (Outline | Migration)[],
  history: History,
  options: RollbackOptions,
  choice: Choice<Outline | Migration> | Problem[] = chooseRollback(migrations, history, options),
): Plan | Problem[] {
  if (Array.isArray(choice)) return choice;
  const chosen = choice.chosen.map((site) =>
    planOne(site, "rollback", options, { force: options.force ?? false }),
  );
  return assemble("rollback", chosen, choice, options);
}

/** What `redo` does: rolls back the one applied last (and what depends on it), and applies the same again. */
export function planRedo(
  migrations: readonly (Outline | Migration)[],
  history: History,
  options: PlanOptions & { readonly force?: boolean | undefined },
): Plan | Problem[] {
  const choice = chooseRollback(migrations, history, { ...options, last: 1 });
  if (Array.isArray(choice)) return choice;
  const force = options.force ?? false;
  const back = choice.chosen.map((site) => planOne(site, "rollback", options, { force }));
  const again = [...choice.chosen]
    .reverse()
    .filter((site) => site.outline !== undefined)
    .map((site) => planOne({ ...site, journal: [] }, "migrate", options, { force: false }));
  const redone = new Set(choice.chosen.map((site) => site.id));
  const warnings = drift(choice.land.graph.order.filter((site) => !redone.has(site.id)));
  return assemble("migrate", [...back, ...again], { ...choice, warnings }, options);
}

type Planned =
  | { readonly planned: PlannedMigration; readonly alone: boolean }
  | { readonly problems: Problem[] };

function planOne(
  site: Site<Outline | Migration>,
  direction: Direction,
  options: PlanOptions,
  { force }: { force: boolean },
): Planned {
  const { id, outline } = site;
  const bare = { id, direction, steps: [], recordOnly: true };
  const recorded = !transactionalDdl(options.dialect);
  if (outline === undefined) {
    if (force) return { planned: { ...bare, migration: undefined }, alone: recorded };
    return { problems: [{ kind: "rollback-file-missing", id }] };
  }
  if (!isRead(outline)) throw new Error(`bug: the migration ${id} was planned and not read`);

  const read = orProblem(outline.file, () => ({
    steps: plannedSteps(outline, direction, options.dialect),
    possible: direction === "migrate" || canRollBack(outline, options.dialect),
  }));
  if ("problem" in read) return { problems: [read.problem] };
  const { steps, possible } = read.value;
  if (!possible) {
    if (force) return { planned: { ...bare, migration: outline }, alone: recorded };
    return { problems: [{ kind: "no-rollback", id, file: outline.file }] };
  }
  const alone = recorded || !outline.transactional[direction];
  const problems = refusals(outline, direction, steps, options.dialect, alone);
  const going = resume(id, outline.file, direction, steps, site.journal);
  if (going !== undefined && "kind" in going) problems.push(going);
  if (problems.length > 0) return { problems };
  const went = going === undefined ? undefined : (going as Exclude<typeof going, Problem>);
  return {
    planned: { id, direction, migration: outline, steps, recordOnly: false, resume: went },
    // What was begun outside a transaction is finished there, whatever its file says now.
    alone: alone || went !== undefined,
  };
}

function assemble(
  direction: Direction,
  all: readonly Planned[],
  choice: Choice<Outline | Migration>,
  options: PlanOptions,
): Plan | Problem[] {
  const problems = all.flatMap((one) => ("problems" in one ? one.problems : []));
  if (problems.length > 0) return problems;
  const units: Unit[] = [];
  let run: PlannedMigration[] | undefined;
  for (const one of all) {
    if ("problems" in one) continue;
    if (one.alone) {
      units.push({ boundary: "none", migrations: [one.planned] });
      run = undefined;
    } else if (options.transaction === "migration") {
      units.push({ boundary: "migration", migrations: [one.planned] });
    } else if (run === undefined) {
      run = [one.planned];
      units.push({ boundary: "run", migrations: run });
    } else run.push(one.planned);
  }
  return { direction, dialect: options.dialect, units, warnings: choice.warnings };
}
