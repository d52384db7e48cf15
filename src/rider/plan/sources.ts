import type { Problem } from "../model/problem.ts";
import { type FileName, parseFileName } from "../read/file-name.ts";
import { nearestId } from "./graph.ts";

/** The files of one migration, by name. */
export interface Source {
  readonly name: FileName;
  /** The forward file's name, as the folder lists it. */
  readonly file: string;
  /** The name of its `ID.rollback.sql`, where there is one. */
  readonly rollback: string | undefined;
}

/**
 * The migrations among a folder's file names; everything that is none is passed over. A rollback file without its migration is a problem;
 * two migrations with one id are both listed, and are a problem of the graph's.
 */
export function sources(names: readonly string[]): { sources: Source[]; problems: Problem[] } {
  const files = names.flatMap((file) => {
    const name = parseFileName(file);
    return name ? [{ file, name }] : [];
  });
  const back = new Map(files.filter(({ name }) => name.rollback).map(({ file, name }) => [name.id, file]));
  const forward = files.filter(({ name }) => !name.rollback);
  const sql = new Set(forward.filter(({ name }) => name.ending === "sql").map(({ name }) => name.id));
  const orphans = [...back].filter(([id]) => !sql.has(id));
  return {
    sources: forward.map(({ file, name }) => ({
      name,
      file,
      rollback: name.ending === "sql" ? back.get(name.id) : undefined,
    })),
    problems: orphans.map(([id, file]) => ({
      kind: "orphan-rollback",
      id,
      file,
      near: nearestId(id, [...sql]),
    })),
  };
}
