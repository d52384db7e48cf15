import { type DatabaseState, type FailurePlace, MigrateError, RollbackError } from "../model/errors.ts";
import { excerpt } from "./problems.ts";

/** What is known of a failure while a migration ran. */
export interface Failure {
  readonly at: FailurePlace;
  readonly state: DatabaseState;
  /** What went wrong, by the database: a sentence without values, since servers put those into theirs. */
  readonly reason: string;
  /** What else is worth knowing: whole sentences. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** What kind of failure it is, in the database's case: not each is to be mended in the migration. */
  readonly kind?: string | undefined;
  /** Set where the connection broke, so that there may be nothing to mend in the migration. */
  readonly lost?: boolean | undefined;
  /** Set where nothing is wrong and somebody has asked the run to end: by whom or what. */
  readonly stoppedBy?: string | undefined;
}

/** The error for a migration that failed while it ran: what happened, where, what state the database is in, what to do. */
export function failureError(failure: Failure): MigrateError | RollbackError {
  const { at, state, hint, cause, kind, lost, stoppedBy } = failure;
  const parts = [
    stoppedBy === undefined
      ? failedSentence(failure)
      : `The run was stopped by ${stoppedBy} before ${whereIn(at)}.`,
    hint,
    stateSentence(at, state, stoppedBy === undefined && !lost ? (TO_DO[kind ?? ""] ?? MEND) : undefined),
  ];
  const message = parts.filter((part) => part !== undefined && part !== "").join(" ");
  const options = { at, state, ...(cause === undefined ? {} : { cause }) };
  return at.direction === "migrate"
    ? new MigrateError(message, options)
    : new RollbackError(message, options);
}

function failedSentence({ at, reason }: Failure): string {
  const doing = at.direction === "migrate" ? "applied" : "rolled back";
  const sql = at.sql === undefined ? "" : ` (\`${excerpt(at.sql)}\`)`;
  return `The migration ${at.migration} could not be ${doing}: ${whereIn(at)} failed${sql}. ${ended(reason)}`;
}

function whereIn(at: FailurePlace): string {
  const line = at.place ? ` (line ${at.place.line}, column ${at.place.column})` : "";
  const file = `${at.place?.file ?? at.file}${line}`;
  if (at.step === undefined) return `the end of its transaction (checks, records and commit; ${file})`;
  const step = `step ${at.step + 1} in ${file}`;
  return at.statement === undefined ? step : `statement ${at.statement + 1} of ${step}`;
}

/** What somebody has to do before the next run: to the migration, and to one of which some statements are done. */
interface ToDo {
  readonly whole: string;
  readonly half: string;
}

const MEND: ToDo = { whole: "mend the migration", half: "mend the statement (not those before it)" };

const same = (words: string): ToDo => ({ whole: words, half: words });

/** By the kind of failure, where nothing may be wrong with the migration. */
const TO_DO: Readonly<Record<string, ToDo>> = {
  full: same("make room where the database keeps its files"),
  lockTimeout: same("wait until what holds the lock has ended (or end it)"),
  permission: same("give this user the right, or take one who has it,"),
  readOnly: same("name a server that takes writes"),
};

function stateSentence(at: FailurePlace, state: DatabaseState, toDo: ToDo | undefined): string {
  const again = `run \`${at.direction === "migrate" ? "rider migrate" : "rider rollback"}\` again`;
  const first = (words: string | undefined): string =>
    words === undefined ? again : `${words} and ${again}`;
  const run = sentenceOf(first(toDo?.whole));
  switch (state.kind) {
    case "unchanged":
      return `The transaction was rolled back and the database is as it was before this run. ${run}`;
    case "migration-undone":
      return `Its transaction was rolled back; ${kept(state.finished)}. ${run}`;
    case "half":
      return `It stands outside a transaction, so ${state.done} of its ${state.of} statements are done and stay, and the rest is not done; ${kept(state.finished)}. This is recorded: ${first(toDo?.half)}, which goes on from there.`;
    case "unknown":
      return `The connection was lost before the answer came, so it is not known here whether that statement took effect; ${kept(state.finished)}. ${sentenceOf(`${again}, which finds out and goes on from there`)}`;
  }
}

function sentenceOf(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

function kept(finished: readonly string[]): string {
  if (finished.length === 0) return "nothing else was changed by this run";
  const named = finished.length > 5 ? `${finished.length} migrations` : finished.join(", ");
  return `finished before it in this run and kept: ${named}`;
}

function ended(reason: string): string {
  const text = reason.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
