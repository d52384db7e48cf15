import assert from "node:assert/strict";
import type { AppliedRow, History, JournalEntry } from "../../../src/rider/model/history.ts";
import type { Migration, Step } from "../../../src/rider/model/migration.ts";
import type { Plan } from "../../../src/rider/model/plan.ts";
import type { Problem } from "../../../src/rider/model/problem.ts";
import { fingerprint } from "../../../src/rider/read/checksum.ts";
import { parseId } from "../../../src/rider/read/file-name.ts";

/** A migration as if it had been read: by default one step that makes a table, and one that drops it. */
export function migration(
  id: string,
  depends: readonly string[] = [],
  more: Partial<Migration> = {},
): Migration {
  return {
    id,
    number: parseId(id).number,
    file: `migrations/${id}.sql`,
    form: "sql",
    description: `the ${id}`,
    depends,
    checksum: `sum of ${id}`,
    transactional: { migrate: true, rollback: true },
    steps: [{ migrate: `create table "${id}" (a int);`, rollback: `drop table "${id}";` }],
    ...more,
  };
}

export function steps(...all: readonly Step[]): Partial<Migration> {
  return { steps: all };
}

/** A row of what is applied, as Rider writes it: minutes after midnight. */
export function row(id: string, minute = 0, more: Partial<AppliedRow> = {}): AppliedRow {
  const appliedAt = new Date(Date.UTC(2026, 10, 22, 0, minute));
  return { id, appliedAt, checksum: `sum of ${id}`, depends: null, ...more };
}

export function history(
  applied: readonly (string | AppliedRow)[],
  journal: readonly JournalEntry[] = [],
): History {
  return { applied: applied.map((one) => (typeof one === "string" ? row(one) : one)), journal };
}

export function entry(
  of: string,
  [step, statement]: readonly [number, number],
  sql: string,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  return {
    migration: of,
    direction: "migrate",
    step,
    statement,
    fingerprint: sql === "" ? "" : fingerprint(sql),
    state: "done",
    ...more,
  };
}

export function planned(result: Plan | Problem[]): Plan {
  if (Array.isArray(result)) assert.fail(JSON.stringify(result, null, 2));
  return result;
}

export function problems(result: object | Problem[]): Problem[] {
  assert.ok(Array.isArray(result), "there is no problem");
  return result;
}

/** A plan in short: `[boundary, "+id" or "-id", …]` for each unit. */
export function shape(plan: Plan): string[][] {
  return plan.units.map((unit) => [
    unit.boundary,
    ...unit.migrations.map(
      (one) => `${one.direction === "migrate" ? "+" : "-"}${one.id}${one.recordOnly ? " record" : ""}`,
    ),
  ]);
}

/** The exact statements of a plan. */
export function sql(plan: Plan): string[] {
  return plan.units.flatMap((unit) =>
    unit.migrations.flatMap((one) =>
      one.steps.flatMap(({ work }) =>
        work.kind === "sql" ? work.statements.map(({ text }) => text) : ["function"],
      ),
    ),
  );
}
