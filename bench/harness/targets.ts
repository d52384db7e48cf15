import type { Target } from "./part.ts";
import type { CaseResult, Judged } from "./results.ts";

/** So near to its limit, either way, a target is close. */
const CLOSE = 0.25;

/** Those targets of which more rounds might say something else; whether they are met makes no difference. */
export function close(targets: readonly Target[], result: CaseResult): Target[] {
  return targets.filter((target) => {
    const found = target.case === result.name ? foundOf(target, [result]) : undefined;
    const limit = target.atLeast ?? target.atMost;
    return found !== undefined && limit !== undefined && Math.abs(found / limit - 1) <= CLOSE;
  });
}

/** Whether what `contestant` reaches at `width` is part of what `target` divides. */
export function concerns(target: Target, contestant: string, width: number): boolean {
  if (width === target.thanOwnWidth) return listed(target.ours, contestant);
  return width === target.width && (listed(target.ours, contestant) || listed(target.than ?? [], contestant));
}

/**
 * Who is measured again at which width: where a target is close, everybody whom any target sets beside others there. Who is divided by
 * each other has the same rounds then; on a machine whose speed changes, one has none in minutes that the other had none in.
 */
export function measuredAgain(
  targets: readonly Target[],
  result: CaseResult,
): (contestant: string, width: number) => boolean {
  const here = targets.filter((target) => target.case === result.name);
  const widths = new Set(close(here, result).flatMap(({ width, thanOwnWidth }) => [width, thanOwnWidth]));
  return (contestant, width) =>
    widths.has(width) && here.some((target) => concerns(target, contestant, width));
}

/** Holds the medians against what was aimed at. */
export function judge(targets: readonly Target[], cases: readonly CaseResult[]): Judged[] {
  return targets.map((target) => {
    const found = foundOf(target, cases);
    const { atLeast, atMost } = target;
    const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    const met =
      found === undefined
        ? undefined
        : atLeast === undefined
          ? found <= (atMost ?? Number.POSITIVE_INFINITY)
          : found >= atLeast;
    return { what: words(target, cases), wanted, found, met };
  });
}

/** What `target` divides; `undefined` where something of it was not measured. */
function foundOf(target: Target, cases: readonly CaseResult[]): number | undefined {
  const kase = cases.find(({ name }) => name === target.case);
  const metric = kase?.metrics.find(({ name }) => name === target.metric);
  if (kase === undefined || metric === undefined) return undefined;
  const best = (names: string | readonly string[], width: number): number | undefined => {
    const all = kase.reached
      .filter((one) => one.width === width && listed(names, one.contestant))
      .flatMap(({ figures }) => figures[metric.name]?.median ?? []);
    if (all.length === 0) return undefined;
    return metric.better === "more" ? Math.max(...all) : Math.min(...all);
  };
  const ours = best(target.ours, target.width);
  if (ours === undefined) return undefined;
  const other =
    target.thanOwnWidth !== undefined
      ? best(target.ours, target.thanOwnWidth)
      : target.than === undefined
        ? 1
        : best(target.than, target.width);
  return other === undefined ? undefined : ours / other;
}

function listed(names: string | readonly string[], name: string): boolean {
  return typeof names === "string" ? names === name : names.includes(name);
}

function words({ width, metric, ours, than, thanOwnWidth, ...rest }: Target, cases: readonly CaseResult[]) {
  const kase = cases.find(({ name }) => name === rest.case);
  const title = kase?.metrics.find(({ name }) => name === metric)?.title ?? metric;
  const who = (names: string | readonly string[]): string =>
    typeof names === "string"
      ? names
      : names.length === 1
        ? `${names[0]}`
        : `the best of ${names.join(", ")}`;
  const against =
    thanOwnWidth !== undefined
      ? ` ÷ its own at ${thanOwnWidth}`
      : than === undefined
        ? ""
        : ` ÷ ${who(than)}`;
  return `${kase?.title ?? rest.case}, ${width} ${kase?.unit ?? ""}: ${title}, ${who(ours)}${against}`;
}
