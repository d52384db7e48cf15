import { isError, thrown } from "../../base/thrown.ts";
import type { DatabaseState, FailurePlace } from "../model/errors.ts";

/** A run that stopped in the middle: where, why, and what it left behind. `rider.ts` makes the error of it that people see. */
export class Stopped extends Error {
  readonly at: FailurePlace;
  readonly reason: unknown;
  readonly state: DatabaseState | undefined;
  /** What else the reader should know, as whole sentences. */
  readonly note: string | undefined;

  constructor(
    at: FailurePlace,
    reason: unknown,
    more: { state?: DatabaseState; note?: string | undefined } = {},
  ) {
    super("stopped", { cause: reason });
    this.at = at;
    this.reason = reason;
    this.state = more.state;
    this.note = more.note;
  }

  with(state: DatabaseState): Stopped {
    return new Stopped(this.at, this.reason, { state, note: this.note });
  }
}

/** Whether the connection is gone, so that nothing more can be asked or written. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (
    code === "CONNECTION_LOST" ||
    code === "CONNECTION_CLOSED" ||
    (error as { kind?: unknown }).kind === "lost"
  );
}

/** What the database says about a statement it refused. */
export interface DatabaseFailure extends Error {
  readonly code: "DATABASE_ERROR";
  readonly sqlState?: string | undefined;
  readonly errno?: number | undefined;
  readonly kind?: string | undefined;
  readonly position?: number | undefined;
}

/** Told by the code, which is the same for every copy of this library that a program may hold. */
export function isDatabaseError(error: unknown): error is DatabaseFailure {
  return error instanceof Error && (error as { code?: unknown }).code === "DATABASE_ERROR";
}

/** An error's message for a sentence of ours: without its code in brackets, and without the statement, which is told apart. */
export function words(error: unknown): string {
  if (!isError(error)) return `It threw ${thrown(error)}, which is not an Error.`;
  const message = said(error).replace(/ \([A-Z_]+\)$/, "");
  // Whether it took effect is told by the state, which is known here.
  if (isLost(error)) return message.replace(/(?<=\.) Whether a statement[\s\S]*$/, "");
  if (isDatabaseError(error)) return message.replace(/ The statement: [\s\S]*$/, "");
  const named =
    (error as { code?: unknown }).code === undefined ||
    !/^[A-Z_]+$/.test(String((error as { code?: unknown }).code));
  return named && error.name !== "Error" ? `${error.name}: ${message}` : message;
}

/** An error's message. Node.js's own error for several failed attempts has none, and means those of its parts. */
function said(error: Error): string {
  if (error.message !== "") return error.message;
  const parts: unknown = (error as Partial<AggregateError>).errors;
  const messages = Array.isArray(parts) ? parts.filter(isError).map(({ message }) => message) : [];
  return messages.filter((message) => message !== "").join("; ") || "it has no message";
}
