import type { RiderEvent } from "../model/event.ts";
import type { Direction } from "../model/migration.ts";
import { sentence } from "../plan/problems.ts";
import { type Paint, plain } from "./style.ts";
import { length } from "./time.ts";

const DONE: Record<Direction, string> = { migrate: "Applied", rollback: "Rolled back" };
const DOING: Record<Direction, string> = { migrate: "Applying", rollback: "Rolling back" };

/** A line for an event, or `undefined` where a plain log has nothing to say. */
export function eventLine(event: RiderEvent, paint: Paint = plain): string | undefined {
  switch (event.type) {
    case "waiting":
      return paint(
        "warn",
        `Waiting for another run to end${event.holder ? ` (${event.holder})` : ""}: ${length(event.seconds)} of at most ${length(event.limit)}.`,
      );
    case "warning":
      return paint("warn", `Warning: ${sentence(event.problem)}`);
    case "planned":
      return event.count === 0
        ? undefined
        : `${event.count} ${migrations(event.count)} to ${toDo(event.direction)}.`;
    case "begin":
      return event.resumed
        ? `${DOING[event.direction]} ${paint("strong", event.id)} from where it stopped: ${event.resumed.done} of ${event.resumed.of} statements are done.`
        : undefined;
    case "statement":
      return undefined;
    case "ignored":
      return paint(
        "warn",
        `Ignored an error in step ${event.step + 1} of ${event.id}, as its ignoreErrors says: ${event.reason}`,
      );
    case "done":
      return `${paint("good", DONE[event.direction])} ${paint("strong", event.id)} ${paint("dim", event.recordOnly ? "(its record only)" : `(${length(event.seconds)})`)}`;
    case "end":
      return event.count === 0
        ? `Nothing to ${toDo(event.direction)}.`
        : `${DONE[event.direction]} ${event.count} ${migrations(event.count)} in ${length(event.seconds)}.`;
  }
}

/** One line that stands for a run under way on a terminal, to be written over. */
export function progressLine(event: RiderEvent & { type: "begin" }, paint: Paint = plain): string {
  return `${paint("dim", `[${event.position}/${event.of}]`)} ${DOING[event.direction]} ${event.id}…`;
}

function toDo(direction: Direction): string {
  return direction === "migrate" ? "apply" : "roll back";
}

function migrations(count: number): string {
  return count === 1 ? "migration" : "migrations";
}
