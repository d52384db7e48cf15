import type { Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { nearestId } from "./graph.ts";
import type { Landscape, Site } from "./landscape.ts";

/** A migration as a person names it: its id, or its index in the list as a number or in digits. */
export type Target = string | number;

/** Which migrations a rollback undoes; exactly one of them. */
export interface RollbackTarget {
  /** This one (an index, or an id) and all after it. */
  readonly index?: Target | undefined;
  /** All after this one (an id, or an index), which stays. */
  readonly to?: Target | undefined;
  /** So many of those applied last. */
  readonly last?: number | string | undefined;
  readonly all?: boolean | undefined;
}

/** The site that is meant, or why there is none. An id always holds a hyphen behind its number, so digits alone are an index. */
export function resolve<O extends Outline>(land: Landscape<O>, given: Target): Site<O> | Problem {
  const text = String(given).trim();
  const count = land.files.length;
  if (/^[+-]?\d+$/.test(text) || typeof given === "number") {
    const site = /^\d+$/.test(text) ? land.files[Number(text)] : undefined;
    if (site) return site;
    // Perhaps the number of an id was meant; an id that is only spelt alike never is.
    const near = ids(land).find((id) => id.startsWith(`${text}-`));
    return { kind: "unknown-target", given: text, reason: "no-such-index", count, near };
  }
  const site = land.graph.order[land.graph.position(text)];
  if (site) return site;
  return {
    kind: "unknown-target",
    given: text,
    reason: "no-such-id",
    count,
    near: nearestId(text, ids(land)),
  };
}

function ids(land: Landscape): string[] {
  return land.graph.order.map((site) => site.id);
}

/** The ids of the applied migrations that a target names, before those that depend on them are added; or why it names none. */
export function rollbackSeeds(land: Landscape, target: RollbackTarget): string[] | Problem {
  const given = (["index", "to", "last", "all"] as const).filter(
    (key) => target[key] !== undefined && target[key] !== null && target[key] !== false,
  );
  const count = land.files.length;
  if (given.length !== 1) {
    return {
      kind: "unknown-target",
      given: given.map((key) => (key === "all" ? "all" : `${key} ${target[key]}`)).join(", "),
      reason: given.length === 0 ? "none" : "several",
      count,
    };
  }
  // One that is half undone is still recorded, and counts as applied.
  const applied = land.graph.order.filter((site) => site.applied !== undefined);
  if (target.last !== undefined) return lastApplied(applied, target.last, count);
  if (target.all) return applied.map((site) => site.id);
  const site = resolve(land, target.index ?? target.to ?? "");
  if ("kind" in site) return site;
  const from = land.graph.position(site.id);
  if (target.to === undefined) return after(land, applied, from);
  if (site.applied === undefined) {
    return { kind: "unknown-target", given: String(target.to), reason: "not-applied", count };
  }
  return after(land, applied, from + 1);
}

function after(land: Landscape, applied: readonly Site[], from: number): string[] {
  return applied.filter((site) => land.graph.position(site.id) >= from).map((site) => site.id);
}

/** By the time at which they were applied; those of one run share it, and are told apart by the order. */
function lastApplied(applied: readonly Site[], last: number | string, count: number): string[] | Problem {
  const many = Number(last);
  if (!Number.isInteger(many) || many < 1 || String(last).trim() === "") {
    return { kind: "unknown-target", given: String(last), reason: "not-a-count", count };
  }
  const time = (site: Site): number => site.applied?.appliedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const byTime = [...applied.entries()].sort(([i, a], [j, b]) => {
    const [one, other] = [time(a), time(b)];
    return one === other ? j - i : other - one;
  });
  return byTime.slice(0, many).map(([, site]) => site.id);
}
