import { UnreadableError } from "../model/errors.ts";
import type { Migration } from "../model/migration.ts";
import { checksum } from "./checksum.ts";
import { readDirectives } from "./directives.ts";
import type { FileName } from "./file-name.ts";

/** An SQL migration's one or two files, read. */
export interface SqlFiles {
  readonly name: FileName;
  /** The path of `ID.sql`. */
  readonly file: string;
  /** What is in it. */
  readonly text: string;
  /** `ID.rollback.sql`, where it exists. An empty one is a way back that does nothing. */
  readonly rollback?: { readonly file: string; readonly text: string } | undefined;
}

/**
 * The migration that `ID.sql` and `ID.rollback.sql` make: one step, whose statements are split only when it is planned, since that depends on the database.
 *
 * @throws UnreadableError for a leading comment that can't be understood
 */
export function sqlMigration({ name, file, text, rollback }: SqlFiles): Migration {
  const forward = readDirectives(text);
  const back = rollback ? readDirectives(rollback.text) : undefined;
  const depends = forward.depends ?? [];
  for (const id of back?.depends ?? []) {
    if (depends.includes(id)) continue;
    throw new UnreadableError(
      `The rollback file says "-- depends: ${id}", and ${name.id}.sql does not. Dependencies belong in ${name.id}.sql; undoing follows them backwards.`,
    );
  }
  const start = { line: 1, column: 1 };
  return {
    id: name.id,
    number: name.number,
    file,
    form: "sql",
    description: forward.description,
    depends: [...new Set(depends)],
    checksum: checksum(text, rollback?.text),
    transactional: { migrate: forward.transactional ?? true, rollback: back?.transactional ?? true },
    steps: [
      {
        migrate: text,
        rollback: rollback?.text,
        place: { migrate: { file, ...start }, rollback: rollback && { file: rollback.file, ...start } },
      },
    ],
  };
}
