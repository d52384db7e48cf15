import type { DialectName } from "../model/dialect.ts";
import type { Direction, Migration } from "../model/migration.ts";
import type { PlannedStep } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { mayBeRefused, recognise } from "../read/recognise.ts";

const OWN =
  "Rider begins and commits transactions itself: leave it out. What belongs together in one transaction outside of Rider's can be run by a function step with db.atomic.";

/**
 * What a migration's SQL must not hold: statements that begin or end a transaction, since Rider's own would end with it, those that
 * keep Rider from its work, and inside a transaction those that can't run there.
 *
 * @param alone whether it runs outside a transaction
 */
export function refusals(
  migration: Migration,
  direction: Direction,
  steps: readonly PlannedStep[],
  dialect: DialectName,
  alone: boolean,
): Problem[] {
  const problems: Problem[] = [];
  for (const { index, work } of steps) {
    if (work.kind === "function") continue;
    for (const [statement, { text, place }] of work.statements.entries()) {
      if (!mayBeRefused(text, dialect)) continue;
      const facts = recognise(text, dialect);
      const advice = facts.transactionControl
        ? OWN
        : (facts.never ?? (alone ? undefined : facts.outsideTransaction));
      if (advice === undefined) continue;
      problems.push({
        kind: "statement-refused",
        id: migration.id,
        file: place?.file ?? migration.file,
        direction,
        step: index,
        statement,
        sql: text,
        place,
        why: facts.transactionControl
          ? "transaction-control"
          : facts.never === undefined
            ? "outside-transaction"
            : "never",
        advice,
      });
    }
  }
  return problems;
}
