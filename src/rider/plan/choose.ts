import type { History } from "../model/history.ts";
import type { Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { drift } from "./drift.ts";
import { type Landscape, type Site, survey } from "./landscape.ts";
import type { MigrateOptions, RollbackOptions } from "./options.ts";
import { resolve, rollbackSeeds } from "./target.ts";

/** Which migrations a command is about, in the order in which they run: those whose files must be read whole before planning. */
export interface Choice<O extends Outline = Outline> {
  /** Half undone ones whose rollback is finished first; newest first. */
  readonly undone: readonly Site<O>[];
  readonly chosen: readonly Site<O>[];
  readonly land: Landscape<O>;
  /** Edited and missing files. */
  readonly warnings: readonly Problem[];
}

/** The ids of a choice's migrations, each once. */
export function idsOf(choice: Choice): string[] {
  return [...new Set([...choice.undone, ...choice.chosen].map((site) => site.id))];
}

/**
 * What is pending, found by comparing sets: everything that has a file and no record, so that one that was merged late is never skipped.
 */
export function chooseMigrate<O extends Outline>(
  outlines: readonly O[],
  history: History,
  options: MigrateOptions,
): Choice<O> | Problem[] {
  const land = survey(outlines, history, options.dialect);
  if (Array.isArray(land)) return land;
  const undone = halfUndone(land).reverse();
  const pending = land.files.filter((site) => site.applied === undefined || undone.includes(site));
  const warnings = drift(land.graph.order);
  if (options.to === undefined) return { undone, chosen: pending, land, warnings };
  const last = resolve(land, options.to);
  if ("kind" in last) return [last];
  const until = land.graph.position(last.id);
  return { undone, chosen: pending.filter((site) => land.graph.position(site.id) <= until), land, warnings };
}

/** What a rollback undoes: what the target names and, whatever their index, all that depend on it; newest first. */
export function chooseRollback<O extends Outline>(
  outlines: readonly O[],
  history: History,
  options: RollbackOptions,
): Choice<O> | Problem[] {
  const land = survey(outlines, history, options.dialect);
  if (Array.isArray(land)) return land;
  const seeds = rollbackSeeds(land, options);
  if (!Array.isArray(seeds)) return [seeds];
  const half = halfApplied(land);
  if (half.length > 0) return half.map((site) => halfProblem(site, "migrate"));
  // What was begun is finished with, whatever the target.
  const ids = land.graph.dependants([...seeds, ...halfUndone(land).map((site) => site.id)]);
  const chosen = land.graph.order.filter((site) => ids.has(site.id) && site.applied !== undefined).reverse();
  return { undone: [], chosen, land, warnings: drift(land.graph.order.filter((site) => !ids.has(site.id))) };
}

/** Recorded as applied, and the journal says that undoing was begun. */
function halfUndone<O extends Outline>(land: Landscape<O>): Site<O>[] {
  return land.graph.order.filter(
    (site) => site.applied !== undefined && site.journal.some((entry) => entry.direction === "rollback"),
  );
}

/** Not recorded as applied, and the journal says that applying was begun. */
export function halfApplied<O extends Outline>(land: Landscape<O>): Site<O>[] {
  return land.graph.order.filter(
    (site) => site.applied === undefined && site.journal.some((entry) => entry.direction === "migrate"),
  );
}

/** Says how far a half-applied migration got, by its journal alone. */
export function halfProblem(site: Site, direction: "migrate" | "rollback"): Problem {
  const done = site.journal.filter(
    (entry) => entry.direction === direction && entry.state !== "intended",
  ).length;
  return { kind: "half-applied", id: site.id, file: site.file, direction, done, of: undefined };
}
