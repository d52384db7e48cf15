import type { Problem } from "../model/problem.ts";
import type { Site } from "./landscape.ts";

/** Whether an applied migration's file says something else than when it was applied. Rows without a checksum are taken as they are. */
export function isEdited(site: Site): boolean {
  const then = site.applied?.checksum;
  return then !== undefined && then !== null && site.outline !== undefined && site.outline.checksum !== then;
}

/** Whether an applied migration's file is gone. */
export function isMissing(site: Site): boolean {
  return site.applied !== undefined && site.outline === undefined;
}

/** What was applied and is not as it was: warnings, in the order. */
export function drift(sites: readonly Site[]): Problem[] {
  return sites.flatMap((site): Problem[] => {
    if (isMissing(site)) return [{ kind: "missing", id: site.id }];
    if (isEdited(site)) return [{ kind: "edited", id: site.id, file: site.file ?? "" }];
    return [];
  });
}
