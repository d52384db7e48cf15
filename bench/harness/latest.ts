import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PartResult, Results } from "./results.ts";

const FOLDER = join(import.meta.dirname, "../results");

/** A part's newest result. */
export interface Latest {
  readonly part: PartResult;
  readonly run: Results;
  /** The file's name, below `bench/results`. */
  readonly file: string;
}

/** The newest result of each part, by the part's name. A later run of one part replaces what an earlier, full one said of it. */
export function latest(folder: string = FOLDER): ReadonlyMap<string, Latest> {
  const found = new Map<string, Latest>();
  // By name, which begins with the date; of one day, the run that came to its end last.
  const runs = readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d.*\.json$/.test(name))
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(folder, file), "utf8")) as Results }))
    .sort((a, b) => (a.run.finished < b.run.finished ? -1 : 1));
  for (const { file, run } of runs) for (const part of run.parts) found.set(part.name, { part, run, file });
  return found;
}
