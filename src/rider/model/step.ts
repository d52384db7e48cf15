import { nearest } from "../../base/nearest.ts";
import { UnreadableError } from "./errors.ts";
import type { IgnoreErrors, Step, Work } from "./migration.ts";

const KEYS = ["migrate", "rollback", "ignoreErrors"];
const IGNORE = ["migrate", "rollback", "all"];

/** The named form of a step's arguments; `DB` is what its functions are given. */
export interface StepOptions<DB> {
  /** What applies the step: SQL text (one statement or several), or a function that is given the database. `""` does nothing. */
  readonly migrate: Work<DB>;
  /** What undoes it. A step without one is passed over by a rollback. */
  readonly rollback?: Work<DB> | undefined;
  /** In which direction an error of the database is passed over, and said. Default: in none. */
  readonly ignoreErrors?: IgnoreErrors | undefined;
}

/** `step` as the door gives it, where what a step's function is given has a type. */
export interface StepFunction<DB> {
  (migrate: Work<DB>, rollback?: Work<DB>, ignoreErrors?: IgnoreErrors): Step;
  (options: StepOptions<DB>): Step;
}

/**
 * One step of a migration.
 *
 * ```ts
 * step("create table contacts (id int not null)", "drop table contacts")
 * step({ migrate: "…", rollback: "…", ignoreErrors: "all" })
 * step(async (db) => { await db.sql("…") })
 * ```
 *
 * @throws RiderError for what is no step: an unknown key, a misspelt `ignoreErrors`, something that is neither text nor function
 */
export function step(first: unknown, ...others: unknown[]): Step {
  if (isRecord(first)) {
    if (others.length > 0) {
      throw new UnreadableError(
        "step({ … }) takes everything in its one object, and was given more beside it. Write step({ migrate, rollback, ignoreErrors }).",
      );
    }
    return checkStep(first, "step({ … })");
  }
  if (others.length > 2) {
    throw new UnreadableError(
      `step(migrate, rollback, ignoreErrors) takes at most three arguments and was given ${others.length + 1}. Several statements can stand in one string, one after the other.`,
    );
  }
  const [rollback, ignoreErrors] = others;
  return checkStep({ migrate: first, rollback, ignoreErrors }, "step(…)");
}

/**
 * Holds an object against what a step is.
 *
 * @param where how the step is called in an error, such as `steps[2]`
 * @throws UnreadableError
 */
export function checkStep(given: unknown, where: string): Step {
  if (!isRecord(given)) {
    const hint =
      typeof given === "string" || typeof given === "function" ? ` Wrap it: step(${shown(given)}).` : "";
    throw new UnreadableError(`${where} is ${shown(given)}, and a step is made by step(…).${hint}`);
  }
  for (const key of Object.keys(given)) {
    if (KEYS.includes(key) || key === "place") continue;
    const near = nearest(key, KEYS);
    throw new UnreadableError(
      `${where} has the unknown key "${key}". ${near ? `Did you mean "${near}"?` : `It takes ${KEYS.join(", ")}.`}`,
    );
  }
  const { migrate, rollback, ignoreErrors } = given;
  if (!isWork(migrate)) throw new UnreadableError(notWork(where, "migrate", migrate));
  if (rollback !== undefined && rollback !== null && !isWork(rollback)) {
    throw new UnreadableError(notWork(where, "rollback", rollback));
  }
  if (ignoreErrors !== undefined && ignoreErrors !== null && !isIgnore(ignoreErrors)) {
    const near = typeof ignoreErrors === "string" ? nearest(ignoreErrors, IGNORE) : undefined;
    throw new UnreadableError(
      `${where} says ignoreErrors: ${shown(ignoreErrors)}. ${near ? `Did you mean "${near}"?` : `It takes "migrate", "rollback" or "all".`}`,
    );
  }
  return Object.freeze({ migrate, rollback: rollback ?? undefined, ignoreErrors: ignoreErrors ?? undefined });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWork(value: unknown): value is Work<unknown> {
  return typeof value === "string" || typeof value === "function";
}

function isIgnore(value: unknown): value is IgnoreErrors {
  return typeof value === "string" && IGNORE.includes(value);
}

function notWork(where: string, key: string, value: unknown): string {
  const hint =
    value === undefined
      ? ' A step that does nothing is step("").'
      : isRecord(value)
        ? " A query with values in it is run by a function: step((db) => db.sql(query))."
        : "";
  return `${where} has ${shown(value)} as ${key}, which is SQL text or a function.${hint}`;
}

/** What a value is, without showing more of it than a reader needs. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
