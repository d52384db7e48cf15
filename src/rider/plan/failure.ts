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
}

/** The error for a migration that failed while it ran: what happened, where, what state the database is in, what to do. */
export function failureError({ at, state, reason, hint, cause }: Failure): MigrateError | RollbackError {
  const doing = at.direction === "migrate" ? "applied" : "rolled back";
  const parts = [
    `The migration ${at.migration} could not be ${doing}: ${whereIn(at)} failed${at.sql === undefined ? "" : ` (\`${excerpt(at.sql)}\`)`}. ${ended(reason)}`,
    hint,
    stateSentence(at, state),
  ];
  const message = parts.filter((part) => part !== undefined && part !== "").join(" ");
  const options = { at, state, ...(cause === undefined ? {} : { cause }) };
  return at.direction === "migrate"
    ? new MigrateError(message, options)
    : new RollbackError(message, options);
}

function whereIn(at: FailurePlace): string {
  const line = at.place ? ` (line ${at.place.line}, column ${at.place.column})` : "";
  const file = `${at.place?.file ?? at.file}${line}`;
  if (at.step === undefined) return `something in ${file}`;
  const step = `step ${at.step + 1} in ${file}`;
  return at.statement === undefined ? step : `statement ${at.statement + 1} of ${step}`;
}

function stateSentence(at: FailurePlace, state: DatabaseState): string {
  const again = at.direction === "migrate" ? "rider migrate" : "rider rollback";
  switch (state.kind) {
    case "unchanged":
      return `The transaction was rolled back and the database is as it was before this run. Mend the migration and run \`${again}\` again.`;
    case "migration-undone":
      return `Its transaction was rolled back; ${kept(state.finished)}. Mend the migration and run \`${again}\` again.`;
    case "half":
      return `It stands outside a transaction, so ${state.done} of its ${state.of} statements are done and stay, and the rest is not done; ${kept(state.finished)}. This is recorded: mend the statement (not those before it) and run \`${again}\` again, which goes on from there.`;
    case "unknown":
      return `The connection was lost before the answer came, so it is not known here whether that statement took effect; ${kept(state.finished)}. Run \`${again}\` again, which finds out and goes on from there.`;
  }
}

function kept(finished: readonly string[]): string {
  if (finished.length === 0) return "nothing else was changed by this run";
  const named = finished.length > 5 ? `${finished.length} migrations` : finished.join(", ");
  return `finished before it in this run and kept: ${named}`;
}

function ended(reason: string): string {
  const text = reason.trim();
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
