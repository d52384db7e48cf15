import {
  DependencyError,
  DriftError,
  type RiderError,
  RollbackError,
  RiderError as Root,
} from "../model/errors.ts";
import type { Place } from "../model/migration.ts";
import type { Problem } from "../model/problem.ts";

type Of<K extends Problem["kind"]> = Extract<Problem, { kind: K }>;

/** A problem in words: what is wrong, in which file, and what to do. One or a few whole sentences. */
export function sentence(problem: Problem): string {
  switch (problem.kind) {
    case "unreadable":
      return `The migration ${problem.file} can't be read. ${problem.reason}`;
    case "duplicate-id":
      return `The id ${problem.id} belongs to ${problem.files.length} files: ${list(problem.files)}. An id is a file's name without its ending, and may be there once; rename or remove the others.`;
    case "alike-ids":
      return `The ids ${list(problem.ids)} (in ${list(problem.files)}) are the same key to MySQL, which does not tell upper from lower case or letters from their accents. Rename one.`;
    case "orphan-rollback":
      return `${problem.file} undoes a migration that is not there: ${problem.id}.sql. ${problem.near ? `There is ${problem.near}.sql; name both alike.` : "Restore it, or remove the rollback file."}`;
    case "missing-dependency":
      return `The migration ${problem.file} depends on ${problem.depends}, which does not exist. ${problem.near ? `Did you mean ${problem.near}?` : "Add the missing file, or correct the dependency."}`;
    case "cycle":
      return cycleSentence(problem);
    case "unknown-target":
      return targetSentence(problem);
    case "no-rollback":
      return `The migration ${problem.id} can't be rolled back: none of its steps in ${problem.file} has a rollback. Write one (an empty one where there is nothing to undo), or use --force to undo its record alone.`;
    case "rollback-file-missing":
      return `The migration ${problem.id} is applied and its file is gone, so what would undo it is not known. Restore the file, or use --force to undo its record alone.`;
    case "half-applied":
      return problem.direction === "migrate"
        ? `The migration ${problem.id} is half-applied: ${statements(problem.done)} done and recorded. Finish it with \`rider migrate\`; or, having put the database right by hand, record it with \`rider mark "${problem.id}"\` or forget it with \`rider unmark "${problem.id}"\`.`
        : `The migration ${problem.id} is half undone: of its rollback, ${statements(problem.done)} done and recorded. \`rider rollback\` or \`rider migrate\` goes on from there.`;
    case "finished-changed":
      return changedSentence(problem);
    case "statement-refused":
      return `${where(problem)} can't be run: \`${excerpt(problem.sql)}\`. ${problem.why === "transaction-control" ? "It begins or ends a transaction. " : ""}${problem.advice}`;
    case "edited":
      return `The migration ${problem.id} was applied and its file ${problem.file} was edited since; what was applied is not what stands there now. Undo the edit and write a new migration, or accept it with \`rider mark "${problem.id}"\`.`;
    case "missing":
      return `The migration ${problem.id} is applied and its file is gone. Restore the file, or forget it with \`rider unmark "${problem.id}"\`.`;
  }
}

function cycleSentence({ ids, files }: Of<"cycle">): string {
  const [first = ""] = ids;
  if (ids.length === 1)
    return `The migration ${files[0] ?? first} depends on itself. Remove ${first} from its depends.`;
  const named = ids.map((id, i) => files[i] ?? `${id} (its file is gone)`);
  return `The migrations depend on each other in a circle, so none of them can be first: ${[...ids, first].join(" → ")} (each depends on the next; in ${list(named)}). Remove one of these dependencies.`;
}

function targetSentence({ given, reason, near, count }: Of<"unknown-target">): string {
  const hint = near ? ` Did you mean ${near}?` : "";
  switch (reason) {
    case "no-such-id":
      return `There is no migration ${JSON.stringify(given)}.${hint || " `rider migrations` lists them."}`;
    case "no-such-index":
      return count === 0
        ? `There is no migration with the index ${given}: there are no migrations.`
        : `There is no migration with the index ${given}: indexes go from 0 to ${count - 1}, as \`rider migrations\` shows them.${hint}`;
    case "not-a-count":
      return `${JSON.stringify(given)} is no number of migrations. Give a whole number from 1 on.`;
    case "not-applied":
      return `The migration ${given} is not applied. \`rider migrations\` shows which are.`;
    case "none":
      return "Nothing says which migrations are meant. Give an index, an id, a number of the last ones, or all.";
    case "several":
      return `The migrations meant are named in several ways at once (${given}). Keep one of them.`;
  }
}

function changedSentence(problem: Of<"finished-changed">): string {
  const now =
    problem.now === undefined
      ? "that statement is not there any more"
      : `in its place stands \`${excerpt(problem.now)}\` now`;
  return `The migration ${problem.id} is ${problem.direction === "migrate" ? "half-applied" : "half undone"}, and a statement of it that is done was changed: ${place(problem)} was finished in an earlier run, and ${now}. Put back what was there (what is not done yet may be changed), or put the database right by hand and use \`rider mark "${problem.id}"\` or \`rider unmark "${problem.id}"\`.`;
}

/** Where a statement stands, at the beginning of a sentence. */
function where(problem: {
  file: string;
  step: number;
  statement: number;
  place?: Place | undefined;
}): string {
  const text = place(problem);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `statement 2 of step 1 in migrations/1-x.sql (line 3, column 1)`: people count from 1. */
export function place(at: {
  file: string;
  step: number;
  statement: number;
  place?: Place | undefined;
}): string {
  const line = at.place ? ` (line ${at.place.line}, column ${at.place.column})` : "";
  return `statement ${at.statement + 1} of step ${at.step + 1} in ${at.place?.file ?? at.file}${line}`;
}

/** The beginning of a statement, in one line. */
export function excerpt(sql: string, most = 80): string {
  const line = sql.replaceAll(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

function statements(count: number): string {
  return count === 1 ? "1 statement is" : `${count} statements are`;
}

function list(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Whether the command was used wrongly, rather than something being wrong with the migrations: exit code 2. */
export function isUsage(problem: Problem): boolean {
  return problem.kind === "unknown-target";
}

/** How many problems a message spells out; the rest is counted, and in `problems`. */
const SPELT_OUT = 10;

/** The error for problems found before anything ran: the narrowest class that fits the first of them, with all in its message and in `problems`. */
export function toError(problems: readonly Problem[]): RiderError {
  const sentences = problems.slice(0, SPELT_OUT).map(sentence);
  const more = problems.length - sentences.length;
  if (more > 0) sentences.push(`And ${more} more.`);
  const message = `${sentences.join("\n")}\nNothing was run.`.replace(/\n(?=Nothing was run\.$)/, " ");
  const options = { problems };
  switch (problems[0]?.kind) {
    case "duplicate-id":
    case "alike-ids":
    case "missing-dependency":
    case "cycle":
      return new DependencyError(message, options);
    case "finished-changed":
      return new DriftError(message, options);
    case "no-rollback":
    case "rollback-file-missing":
      return new RollbackError(message, options);
    default:
      return new Root(message, options);
  }
}
