import { inOneGo } from "../../database/in-one-go.ts";
import type { PlannedMigration, PlannedStep } from "../model/plan.ts";
import type { RunContext } from "./context.ts";
import { placeOf, sendOne, stopIfAsked } from "./step.ts";
import { isLost, Stopped } from "./stopped.ts";

/** How many statements go together at most. */
const MOST = 64;

/** Milliseconds: a batch that took less makes the next one larger; one that took more makes it one statement again. */
const QUICK = 25;
const SLOW = 100;

/** A statement that waits to be sent. */
interface Item {
  readonly planned: PlannedMigration;
  readonly step: PlannedStep;
  readonly index: number;
  readonly text: string;
}

/**
 * Sends many short statements of a transaction together. To PostgreSQL with few round trips, which its protocol allows: several in
 * one message, each as it was written. A batch that fails is undone to a savepoint and sent again one by one, so that the error names
 * its statement. SQLite in this thread runs them without a turn of the event loop for each, and says itself which one failed.
 *
 * A batch grows only while statements are quick, so that a run which is asked to end need not wait long for the ones in hand.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
 */
export class Batch {
  readonly #context: RunContext;
  /** Told how long a migration's statements took. */
  readonly #took: (planned: PlannedMigration, ms: number) => void;
  #items: Item[] = [];
  #size = 1;
  /** When everybody else in this process last had a turn, on `performance.now()`'s clock. */
  #turned = performance.now();

  constructor(context: RunContext, took: (planned: PlannedMigration, ms: number) => void) {
    this.#context = context;
    this.#took = took;
  }

  /** Sends a step's statements, or keeps them for the next batch. */
  async add(planned: PlannedMigration, step: PlannedStep): Promise<void> {
    if (step.work.kind !== "sql") return;
    for (const [index, { text }] of step.work.statements.entries()) {
      this.#items.push({ planned, step, index, text });
      if (this.#items.length >= this.#size) await this.flush();
    }
  }

  /** Sends what is kept. */
  async flush(): Promise<void> {
    const items = this.#items.splice(0);
    const [first] = items;
    if (first === undefined) return;
    if (this.#context.signal?.aborted)
      stopIfAsked(this.#context, placeOf(first.planned, first.step, first.index));
    const began = performance.now();
    const done = items.length === 1 ? 0 : await this.#together(items, first);
    for (const { planned, step, index, text } of items.slice(done))
      await sendOne(this.#context, planned, step, index, text);
    const ms = performance.now() - began;
    if (ms < QUICK) this.#size = Math.min(this.#size * 2, MOST);
    else if (ms > SLOW) this.#size = 1;
    for (const { planned } of items) this.#took(planned, ms / items.length);
    // Answers of a database in this thread let nothing else come in between: no signal would be heard before the end.
    if (performance.now() - this.#turned < QUICK) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turned = performance.now();
  }

  /** How many were done; the others are sent one by one. */
  async #together(items: readonly Item[], first: Item): Promise<number> {
    const { dialect, guard } = this.#context;
    if (dialect === "postgresql") return this.#tell(items, await this.#inOneMessage(items, first));
    const ran = guard.work[inOneGo]?.(items.map(({ text }) => text));
    const done = this.#tell(items, ran?.done ?? 0);
    const failed = ran?.failure === undefined ? undefined : items[done];
    if (failed === undefined) return done;
    throw new Stopped(placeOf(failed.planned, failed.step, failed.index), ran?.failure);
  }

  #tell(items: readonly Item[], done: number): number {
    for (const { planned, step, index } of items.slice(0, done)) {
      this.#context.emit({ type: "statement", id: planned.id, step: step.index, statement: index });
    }
    return done;
  }

  /** All of them, or none where one has failed and nothing of it is left. */
  async #inOneMessage(items: readonly Item[], first: Item): Promise<number> {
    const { work } = this.#context.guard;
    try {
      // On lines of their own, since a statement may end with a comment.
      await work.atomic(() => work.sql(items.map(({ text }) => text).join("\n;\n")));
    } catch (error) {
      if (isLost(error)) throw new Stopped(placeOf(first.planned, first.step, first.index), error);
      return 0;
    }
    return items.length;
  }
}
