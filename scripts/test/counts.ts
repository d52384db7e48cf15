import { readFileSync } from "node:fs";

/** What came of a run. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The names of tests that were skipped or are marked as still to do. */
  readonly skipped: readonly string[];
}

/** What `reporter.ts` wrote; `undefined` where the run ended before it could. */
export function readCounts(report: string): Counts | undefined {
  let text: string;
  try {
    text = readFileSync(report, "utf8");
  } catch {
    return undefined;
  }
  const skipped: string[] = [];
  let counts: { passed: number; failed: number; cancelled: number } | undefined;
  for (const line of text.split("\n").filter(Boolean)) {
    const word = JSON.parse(line);
    if (word.skipped) skipped.push(word.skipped);
    if (word.counts) counts = word.counts;
  }
  return counts && { passed: counts.passed, failed: counts.failed + counts.cancelled, skipped };
}

/** For a run that ended without a summary. */
export function nothingCounted(code: number | null): Counts {
  console.error(`The test runner ended (exit code ${code ?? "none"}) without saying what passed.`);
  return { passed: 0, failed: 1, skipped: [] };
}
