import type { DialectName } from "../model/dialect.ts";
import type { Plan, PlannedMigration, PlannedStep, Unit } from "../model/plan.ts";
import { workUnits } from "../plan/resume.ts";
import { holdsSemicolon } from "../read/statements.ts";
import { type Paint, plain } from "./style.ts";

/**
 * What a run would do, as SQL with comments: the exact statements in their order, and where transactions begin and end. What Rider records
 * of it is said in comments, since its values are not known before.
 */
export function dryRun(plan: Plan, paint: Paint = plain): string {
  const note = (text: string): string => paint("dim", `-- ${text}`);
  if (plan.units.length === 0)
    return `${note(plan.direction === "migrate" ? "Nothing to apply." : "Nothing to roll back.")}\n`;
  return plan.units.map((unit) => `${unitText(unit, plan.dialect, note)}\n`).join("\n");
}

function unitText(unit: Unit, dialect: DialectName, note: (text: string) => string): string {
  const bodies = unit.migrations.map((migration) => migrationText(migration, dialect, note));
  if (unit.boundary === "none") {
    return [note("Outside a transaction; each statement is recorded as it is done."), ...bodies].join("\n");
  }
  return ["begin;", ...bodies, "commit;"].join("\n");
}

function migrationText(
  planned: PlannedMigration,
  dialect: DialectName,
  note: (text: string) => string,
): string {
  const { id, direction, steps, recordOnly, resume } = planned;
  const forward = direction === "migrate";
  const lines = [
    note(`${forward ? "Apply" : "Roll back"} ${inComment(id)}${recordOnly ? ": its record only" : ""}`),
  ];
  let skip = resume?.done ?? 0;
  if (skip > 0)
    lines.push(
      note(`${skip} of ${resume?.of} statements are done since an earlier run and are not run again.`),
    );
  if (resume?.uncertain)
    lines.push(note("The next one was begun; the run finds out whether it took effect."));
  for (const step of steps) {
    const units = workUnits([step]).length;
    lines.push(...stepLines(step, skip, dialect, note));
    skip = Math.max(0, skip - units);
  }
  lines.push(note(forward ? `Record ${inComment(id)} as applied` : `Remove the record of ${inComment(id)}`));
  return lines.join("\n");
}

function stepLines(
  { index, work, ignoreErrors }: PlannedStep,
  skip: number,
  dialect: DialectName,
  note: (text: string) => string,
): string[] {
  const lines =
    work.kind === "function"
      ? skip > 0
        ? []
        : [
            note(
              `Step ${index + 1} is a function${work.run.name ? `, ${inComment(work.run.name)}` : ""}; what it sends is known when it runs.`,
            ),
          ]
      : work.statements.slice(skip).map(({ text }) => pasteable(text, dialect));
  if (lines.length > 0 && ignoreErrors) lines.unshift(note(`Errors of step ${index + 1} are ignored.`));
  return lines;
}

/**
 * A statement with its end, as the database's own shell takes it. MySQL's ends a routine at the first semicolon in its body, unless told another sign.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/stored-programs-defining.html
 */
function pasteable(text: string, dialect: DialectName): string {
  if (dialect !== "mysql" || !holdsSemicolon(text, dialect)) return `${text};`;
  const sign = ["//", "$$", ";;", "|||"].find((one) => !text.includes(one)) ?? "-end-of-statement-";
  return `DELIMITER ${sign}\n${text}\n${sign}\nDELIMITER ;`;
}

/** A name that may stand in a comment of one line. */
function inComment(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, " ");
}

/** The plan as plain data for `--json`: functions are named, the rest is as it will be sent. */
export function planData(plan: Plan): object {
  return {
    direction: plan.direction,
    dialect: plan.dialect,
    units: plan.units.map((unit) => ({
      transaction: unit.boundary,
      migrations: unit.migrations.map(({ id, direction, recordOnly, resume, steps }) => ({
        id,
        direction,
        recordOnly,
        resume: resume ?? null,
        steps: steps.map(({ index, ignoreErrors, work }) => ({
          step: index,
          ignoreErrors,
          ...(work.kind === "function"
            ? { function: work.run.name || null }
            : { statements: work.statements.map(({ text, line, column }) => ({ sql: text, line, column })) }),
        })),
      })),
    })),
    warnings: plan.warnings,
  };
}
