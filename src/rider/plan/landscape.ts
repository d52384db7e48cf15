import type { DialectName } from "../model/dialect.ts";
import type { AppliedRow, History, JournalEntry } from "../model/history.ts";
import type { Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { buildGraph, type Graph, type GraphNode } from "./graph.ts";

/** A place in the order: a file, or a row whose file is gone, or both. */
export interface Site<O extends Outline = Outline> extends GraphNode {
  /** `undefined` where the file is gone. */
  readonly outline: O | undefined;
  /** `undefined` where it is not applied. */
  readonly applied: AppliedRow | undefined;
  /** What is in the journal of it: empty unless it is half-applied or half undone. */
  readonly journal: readonly JournalEntry[];
}

/** Files and history laid over each other: what every command decides on. */
export interface Landscape<O extends Outline = Outline> {
  readonly graph: Graph<Site<O>>;
  /** The sites that have a file, in the order; a migration's index is its position here, from 0. */
  readonly files: readonly Site<O>[];
}

/**
 * Lays files and history over each other.
 *
 * A dependency on a migration that is applied and whose file is gone is met; what was recorded of that one's own dependencies still orders it.
 */
export function survey<O extends Outline>(
  outlines: readonly O[],
  history: History,
  dialect?: DialectName,
): Landscape<O> | Problem[] {
  const rows = new Map(history.applied.map((row) => [row.id, row]));
  const journal = new Map<string, JournalEntry[]>();
  for (const entry of history.journal) {
    const entries = journal.get(entry.migration);
    if (entries) entries.push(entry);
    else journal.set(entry.migration, [entry]);
  }
  const known = new Set(outlines.map((outline) => outline.id));
  const sites: Site<O>[] = outlines.map((outline) => ({
    id: outline.id,
    depends: outline.depends,
    file: outline.file,
    outline,
    applied: rows.get(outline.id),
    journal: journal.get(outline.id) ?? [],
  }));
  const gone = [...rows.values()].filter((row) => !known.has(row.id));
  const ghosts: Site<O>[] = gone.map((row) => ({
    id: row.id,
    depends: (row.depends ?? []).filter((id) => known.has(id) || rows.has(id)),
    outline: undefined,
    applied: row,
    journal: journal.get(row.id) ?? [],
  }));
  let graph = buildGraph([...sites, ...ghosts], { dialect });
  if (Array.isArray(graph) && ghosts.length > 0) {
    // What a lost file once depended on may contradict what the files say today. The files are right.
    graph = buildGraph([...sites, ...ghosts.map((ghost) => ({ ...ghost, depends: [] }))], { dialect });
  }
  if (Array.isArray(graph)) return graph;
  return { graph, files: graph.order.filter((site) => site.outline !== undefined) };
}
