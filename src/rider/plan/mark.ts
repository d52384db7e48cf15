import type { DialectName } from "../model/dialect.ts";
import type { History } from "../model/history.ts";
import type { Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { isEdited } from "./drift.ts";
import { type Site, survey } from "./landscape.ts";
import { resolve, type Target } from "./target.ts";

/** Which migrations are recorded without being run; exactly one of the three. */
export interface MarkTarget {
  readonly id?: Target | undefined;
  /** This one and all before it in the order. */
  readonly to?: Target | undefined;
  readonly all?: boolean | undefined;
}

/** One record to be written. */
export interface Mark {
  readonly outline: Outline;
  /** `"record"`: a new row; `"accept"`: it is applied and was edited since, and its checksum becomes today's. */
  readonly what: "record" | "accept";
}

/** What `mark` writes, in the order; those that need nothing are left out. */
export function planMark(
  outlines: readonly Outline[],
  history: History,
  target: MarkTarget,
  dialect?: DialectName,
): { readonly marks: Mark[] } | Problem[] {
  const land = survey(outlines, history, dialect);
  if (Array.isArray(land)) return land;
  const given = [
    ...(target.id === undefined ? [] : [String(target.id)]),
    ...(target.to === undefined ? [] : [`to ${target.to}`]),
    ...(target.all ? ["all"] : []),
  ];
  if (given.length !== 1) {
    const reason = given.length === 0 ? "none" : "several";
    return [{ kind: "unknown-target", given: given.join(", "), reason, count: land.files.length }];
  }
  const one = target.all ? undefined : resolve(land, target.id ?? target.to ?? "");
  if (one && "kind" in one) return [one];
  const until = one ? land.graph.position(one.id) : Number.POSITIVE_INFINITY;
  const wanted = (site: Site): boolean =>
    target.id === undefined ? land.graph.position(site.id) <= until : site === one;
  const marks = land.graph.order.filter(wanted).flatMap((site): Mark[] => {
    if (site.outline === undefined) return [];
    if (site.applied === undefined) return [{ outline: site.outline, what: "record" }];
    // A row of the Python Rider's has no checksum; asked for by name, it gets one.
    const bare = site.applied.checksum === null && target.id !== undefined;
    return isEdited(site) || bare ? [{ outline: site.outline, what: "accept" }] : [];
  });
  return { marks };
}

/** The id whose record `unmark` removes: applied or half-applied, with or without a file. */
export function planUnmark(
  outlines: readonly Outline[],
  history: History,
  given: Target,
  dialect?: DialectName,
): { readonly id: string } | Problem[] {
  const land = survey(outlines, history, dialect);
  if (Array.isArray(land)) return land;
  const site = resolve(land, given);
  if ("kind" in site) return [site];
  if (site.applied === undefined && site.journal.length === 0) {
    return [
      { kind: "unknown-target", given: String(given), reason: "not-applied", count: land.files.length },
    ];
  }
  return { id: site.id };
}
