import type { DialectName } from "../model/dialect.ts";
import { UnreadableError } from "../model/errors.ts";
import type { Direction, Migration, Place, Step, Work } from "../model/migration.ts";
import type { PlannedStatement, PlannedStep } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import type { Statement } from "../model/statement.ts";
import { fingerprint } from "../read/checksum.ts";
import { splitStatements } from "../read/statements.ts";

/**
 * A migration's steps in one direction, in the order in which they run, with their SQL split. Steps that have nothing to do are left out.
 *
 * @throws UnreadableError where SQL can't be split
 */
export function plannedSteps(
  migration: Migration,
  direction: Direction,
  dialect: DialectName,
): PlannedStep[] {
  const steps: PlannedStep[] = [];
  for (const [index, step] of migration.steps.entries()) {
    const planned = plannedStep(step, index, direction, dialect);
    if (planned !== undefined) steps.push(planned);
  }
  return direction === "migrate" ? steps : steps.reverse();
}

function plannedStep(
  step: Step,
  index: number,
  direction: Direction,
  dialect: DialectName,
): PlannedStep | undefined {
  const work = direction === "migrate" ? step.migrate : step.rollback;
  if (work === undefined) return undefined;
  const ignoreErrors = step.ignoreErrors === "all" || step.ignoreErrors === direction;
  if (typeof work === "function") return { index, work: { kind: "function", run: work }, ignoreErrors };
  const place = step.place?.[direction];
  const statements = split(work, index, place, dialect);
  return statements.length === 0 ? undefined : { index, work: { kind: "sql", statements }, ignoreErrors };
}

function split(
  text: string,
  index: number,
  place: Place | undefined,
  dialect: DialectName,
): PlannedStatement[] {
  try {
    return splitStatements(text, dialect).map((statement) => new Split(statement, place));
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    // Split knows the line in the step; the reader wants the one in the file.
    const bare = error.reason.replace(/ \(line \d+, column \d+\)$/, "");
    const at = { line: error.line ?? 1, column: error.column ?? 1 };
    if (place) throw new UnreadableError(bare, within(place, at.line, at.column));
    throw new UnreadableError(`In the SQL of step ${index + 1}: ${bare}`, at);
  }
}

/** A statement that was cut out of a step's text. */
class Split implements PlannedStatement {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly place: Place | undefined;

  constructor({ text, line, column, offset }: Statement, place: Place | undefined) {
    this.text = text;
    this.line = line;
    this.column = column;
    this.offset = offset;
    this.place = place && within(place, line, column);
  }

  /** Made when it is asked for: most runs are one transaction and keep no journal, which is what it is for. */
  get fingerprint(): string {
    return fingerprint(this.text);
  }
}

/** A place in a text that begins at `place`. */
function within(place: Place, line: number, column: number): Place {
  return {
    file: place.file,
    line: place.line + line - 1,
    column: line === 1 ? place.column + column - 1 : column,
  };
}

/**
 * Whether a migration can be undone: some step has a rollback, even one that does nothing on purpose, or no step does anything.
 *
 * @throws UnreadableError where SQL can't be split
 */
export function canRollBack(migration: Migration, dialect: DialectName): boolean {
  return (
    migration.steps.some((step) => step.rollback !== undefined) ||
    migration.steps.every((step) => isEmpty(step.migrate, dialect))
  );
}

function isEmpty(work: Work, dialect: DialectName): boolean {
  return typeof work === "string" && splitStatements(work, dialect).length === 0;
}

/** Runs what may throw for a file that can't be read, and makes a problem of that. */
export function orProblem<T>(file: string, read: () => T): { value: T } | { problem: Problem } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof UnreadableError)
      return { problem: { kind: "unreadable", file, reason: error.reason } };
    throw error;
  }
}
