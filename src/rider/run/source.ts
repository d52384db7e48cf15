import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { RiderError, UnreadableError } from "../model/errors.ts";
import type { AppliedRow } from "../model/history.ts";
import type { Migration, Outline } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";
import { checksum } from "../read/checksum.ts";
import { type FileName, parseFileName } from "../read/file-name.ts";
import { type ModuleFile, moduleMigration, moduleOutline } from "../read/module.ts";
import { sqlMigration } from "../read/sql-file.ts";
import { staticDepends } from "../read/static-depends.ts";
import { loadModule } from "./load.ts";

/**
 * The folder of migrations as it was read at one moment. Reading it runs nobody's code: a TypeScript or JavaScript
 * migration is imported only where it is to be run, or where its dependencies can't be seen from its text.
 */
export interface Source {
  readonly folder: string;
  /** SQL migrations, whole. */
  readonly sql: readonly Migration[];
  readonly modules: readonly ModuleFile[];
  /** Files that could not be read, and ways back without a way forward. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the folder.
 *
 * @throws RiderError where there is no such folder
 */
export function readSource(folder: string): Source {
  const sql: Migration[] = [];
  const modules: ModuleFile[] = [];
  const problems: Problem[] = [];
  const names = list(folder);
  const rollbacks = new Map(names.filter((name) => name.rollback).map((name) => [name.id, name]));
  for (const name of names) {
    if (name.rollback) continue;
    const file = `${folder}${sep}${name.id}.${name.ending}`;
    const back = name.ending === "sql" ? rollbacks.get(name.id) : undefined;
    try {
      const text = textOf(file);
      if (name.ending !== "sql") modules.push({ name, file, text });
      else sql.push(sqlMigration({ name, file, text, rollback: back && readBack(folder, back) }));
    } catch (error) {
      problems.push({ kind: "unreadable", file, reason: reasonOf(error) });
    }
    if (back) rollbacks.delete(name.id);
  }
  for (const { id } of rollbacks.values()) {
    problems.push({ kind: "orphan-rollback", id, file: join(folder, `${id}.rollback.sql`) });
  }
  return { folder, sql, modules, problems };
}

function readBack(folder: string, name: FileName): { file: string; text: string } {
  const file = join(folder, `${name.id}.rollback.sql`);
  return { file, text: textOf(file) };
}

function list(folder: string): FileName[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => parseFileName(entry.name))
      .filter((name) => name !== null)
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "does not exist. `rider create` makes it with the first migration; otherwise correct `source` in the configuration, or --source"
        : `can't be read: ${message}`;
    throw new RiderError(`The folder of migrations, ${folder}, ${why}.`, { cause });
  }
}

function textOf(file: string): string {
  const text = readFileSync(file, "utf8");
  // What does not fit was replaced by U+FFFD, and would send the database something else than was written. The file may also hold that character itself.
  if (text.includes("\uFFFD") && !isUtf8(readFileSync(file))) {
    throw new UnreadableError("It is not UTF-8. Save it as UTF-8.");
  }
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function reasonOf(error: unknown): string {
  if (error instanceof UnreadableError) return error.reason;
  return error instanceof Error ? `${error.message}.` : String(error);
}

/** Outlines or whole migrations, and what stood in the way of others. */
export interface Read<Kind> {
  readonly migrations: readonly Kind[];
  readonly problems: readonly Problem[];
}

/**
 * Every migration's outline, importing a file only where nothing else tells its dependencies: not where they are plain
 * in its text, and not where it is applied and unchanged, since they were recorded then.
 */
export async function outlines(
  source: Source,
  applied: ReadonlyMap<string, AppliedRow>,
): Promise<Read<Outline>> {
  const migrations: Outline[] = [...source.sql];
  const problems = [...source.problems];
  for (const module of source.modules) {
    const depends = staticDepends(module.text) ?? recorded(module, applied.get(module.name.id));
    if (depends) migrations.push(moduleOutline(module, depends));
    else await importInto(module, migrations, problems);
  }
  return { migrations, problems };
}

function recorded(module: ModuleFile, row: AppliedRow | undefined): readonly string[] | null {
  return row && row.checksum === checksum(module.text) ? row.depends : null;
}

/** The migrations that `wanted` names, whole and ready to run; of the others the outline. */
export async function readWhole(
  source: Source,
  known: readonly Outline[],
  wanted: (id: string) => boolean,
): Promise<Read<Outline>> {
  const modules = new Map(source.modules.map((module) => [module.file, module]));
  const migrations: Outline[] = [];
  const problems: Problem[] = [];
  for (const outline of known) {
    const module = modules.get(outline.file);
    if (!module || "steps" in outline || !wanted(outline.id)) migrations.push(outline);
    else await importInto(module, migrations, problems);
  }
  return { migrations, problems };
}

async function importInto(module: ModuleFile, migrations: Outline[], problems: Problem[]): Promise<void> {
  try {
    migrations.push(
      moduleMigration(module, await loadModule(module.file, checksum(module.text).slice(0, 16))),
    );
  } catch (error) {
    problems.push({ kind: "unreadable", file: module.file, reason: reasonOf(error) });
  }
}
