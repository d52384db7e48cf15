import type { DialectName } from "../model/dialect.ts";
import type { History } from "../model/history.ts";
import type { Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { halfApplied } from "./choose.ts";
import { isEdited, isMissing } from "./drift.ts";
import { survey } from "./landscape.ts";

/** How a migration stands. */
export type State = "applied" | "pending" | "edited" | "missing" | "half-applied" | "half-undone";

/** One line of `rider migrations`. */
export interface StatusRow {
  /** Its position among the files, from 0, which `rollback -i` takes; `null` where the file is gone. */
  readonly index: number | null;
  readonly id: string;
  readonly description: string;
  readonly appliedAt: Date | null;
  readonly state: State;
  /** What it depends on, for the graph. */
  readonly depends: readonly string[];
  readonly file: string | null;
}

/** All migrations in the order in which they are applied, each with how it stands; or what hinders an order. */
export function status(
  outlines: readonly Outline[],
  history: History,
  dialect?: DialectName,
): { readonly rows: StatusRow[] } | Problem[] {
  const land = survey(outlines, history, dialect);
  if (Array.isArray(land)) return land;
  const half = new Set(halfApplied(land));
  let next = 0;
  const rows = land.graph.order.map((site): StatusRow => {
    const { id, outline, applied } = site;
    const state = half.has(site)
      ? "half-applied"
      : applied === undefined
        ? "pending"
        : site.journal.length > 0
          ? "half-undone"
          : isMissing(site)
            ? "missing"
            : isEdited(site)
              ? "edited"
              : "applied";
    return {
      index: outline === undefined ? null : next++,
      id,
      description: outline?.description ?? "",
      appliedAt: applied?.appliedAt ?? null,
      state,
      depends: site.depends,
      file: outline?.file ?? null,
    };
  });
  return { rows };
}

/** What `rider check` finds; all empty where a deployment has nothing to fear. */
export interface Findings {
  readonly pending: readonly string[];
  readonly edited: readonly string[];
  readonly missing: readonly string[];
  /** Begun and not finished, in either direction. */
  readonly half: readonly string[];
  readonly ok: boolean;
}

/** Sorts a status into what `rider check` reports. A half-applied one is also pending. */
export function check(rows: readonly StatusRow[]): Findings {
  const ids = (...states: State[]): string[] =>
    rows.filter((row) => states.includes(row.state)).map((row) => row.id);
  const found = {
    pending: ids("pending", "half-applied"),
    edited: ids("edited"),
    missing: ids("missing"),
    half: ids("half-applied", "half-undone"),
  };
  return { ...found, ok: Object.values(found).every((list) => list.length === 0) };
}
