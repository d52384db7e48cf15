import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DialectName } from "../../dialect/dialect.ts";
import { RiderError } from "../model/errors.ts";
import { survey } from "../plan/landscape.ts";
import { toError } from "../plan/problems.ts";
import { scaffold, scaffoldId } from "../read/scaffold-text.ts";
import { outlines, readSource } from "./source.ts";

export interface CreateOptions {
  /** What the migration is about: its description, and the words of its file's name. */
  readonly message: string;
  /** `"sql"` writes `ID.sql` and `ID.rollback.sql`. @default "ts" */
  readonly form?: "ts" | "sql" | undefined;
}

/** What was written. */
export interface Created {
  readonly id: string;
  /** The paths of the new files. */
  readonly files: readonly string[];
  /** The heads there were, which it depends on. */
  readonly depends: readonly string[];
}

/**
 * Writes a new migration's files. Its number is the time in seconds, or the next one that is free; nothing is overwritten.
 *
 * @throws RiderError where the folder can't be written, or what is in it can't be read
 */
export async function createFiles(
  folder: string,
  { message, form = "ts" }: CreateOptions,
  dialect?: DialectName,
): Promise<Created> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  const read = await outlines(readSource(folder), new Map());
  if (read.problems.length > 0) throw toError(read.problems);
  const land = survey(read.migrations, { applied: [], journal: [] }, dialect);
  if (Array.isArray(land)) throw toError(land);
  const depends = land.graph.heads;
  const numbers = new Set(read.migrations.map(({ number }) => number));
  for (let seconds = Math.floor(Date.now() / 1000); ; seconds++) {
    // Two of one second would be ordered by their words, which says nothing.
    if (numbers.has(BigInt(seconds))) continue;
    const id = scaffoldId(message, seconds);
    const files = write(folder, id, form, { message, depends });
    if (files) return { id, files, depends };
  }
}

function write(
  folder: string,
  id: string,
  form: "ts" | "sql",
  about: { readonly message: string; readonly depends: readonly string[] },
): string[] | undefined {
  if (
    ["ts", "mts", "js", "mjs", "sql", "rollback.sql"].some((ending) =>
      existsSync(join(folder, `${id}.${ending}`)),
    )
  ) {
    return undefined;
  }
  const { name, text } = scaffold(form, { ...about, id });
  const back = form === "sql" ? [[`${id}.rollback.sql`, ""] as const] : [];
  const files: string[] = [];
  for (const [file, content] of [[name, text] as const, ...back]) {
    const path = join(folder, file);
    try {
      // Refuses to write over anything, also what has appeared this moment.
      writeFileSync(path, content, { flag: "wx" });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") return undefined;
      throw cannotWrite(path, cause);
    }
    files.push(path);
  }
  return files;
}

function cannotWrite(path: string, cause: unknown): RiderError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RiderError(
    `${path} can't be written: ${reason}. Make the folder writable, or choose another with --source.`,
    {
      cause,
    },
  );
}
