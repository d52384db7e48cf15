import { DriftError } from "../model/errors.ts";
import type { PlannedMigration, PlannedStatement, PlannedStep } from "../model/plan.ts";
import { recognise } from "../read/recognise.ts";
import {
  type Mentions,
  mentionsOf,
  type Needs,
  needsOf,
  setsOnlyVariables,
  tiedToNext,
  usesPrepared,
} from "../read/ties.ts";
import { catalogFingerprint } from "./catalog.ts";
import { dropInvalidIndexes, invalidIndexes, invalidIndexNote } from "./concurrently.ts";
import type { Position, RunContext } from "./context.ts";
import { FunctionJournal } from "./function-journal.ts";
import type { Call, JournalRow, Past } from "./history.ts";
import { type Intent, pack, readIntent } from "./intent.ts";
import { executedText, restoreValues, sessionValues } from "./session-values.ts";
import { placeInStack } from "./stack.ts";
import { isIgnorable, placeOf, stopIfAsked } from "./step.ts";
import { StepDatabase } from "./step-database.ts";
import { isDatabaseError, isLost, Stopped, words } from "./stopped.ts";
import { recordOf } from "./whole.ts";

/** One statement, or one function step: what the journal has a line for. */
interface Piece {
  readonly step: PlannedStep;
  readonly index: number;
  /** `undefined` for a function. */
  readonly statement: PlannedStatement | undefined;
}

/**
 * Runs a migration outside a transaction, so that the next run goes on with the right statement after an error and after a kill.
 *
 * A statement that can share a transaction with its line in the journal does: then both happen, or neither. One that can't (DDL on
 * MySQL commits before anything else could be written; `create index concurrently` refuses transactions) has its intent
 * written first, with a fingerprint of the catalog. Where only the intent is found later, comparing the fingerprints tells
 * whether it happened.
 *
 * Statements that need of the session what those before them left there (a temporary table, a variable) share one transaction, as far as they can:
 * the session of a killed run is gone, and then all of them are done again.
 *
 * @throws Stopped
 */
export async function runPiecemeal(
  context: RunContext,
  planned: PlannedMigration,
  where: Position,
  past: Past,
  finished: readonly string[],
): Promise<void> {
  const run = new Piecemeal(context, planned, past);
  const { resume } = planned;
  context.emit({
    type: "begin",
    direction: planned.direction,
    id: planned.id,
    ...where,
    resumed: resume && { done: resume.done, of: resume.of },
  });
  const began = performance.now();
  try {
    await run.all();
    await run.record(performance.now() - began);
  } catch (error) {
    const stopped = error instanceof Stopped ? error : new Stopped(placeOf(planned), error);
    throw stopped.with(run.stateAfter(stopped, finished));
  }
  const seconds = (performance.now() - began) / 1000;
  context.emit({ type: "done", direction: planned.direction, id: planned.id, ...where, seconds });
}

class Piecemeal {
  readonly #context: RunContext;
  readonly #planned: PlannedMigration;
  readonly #pieces: readonly Piece[];
  readonly #intended: JournalRow | undefined;
  readonly #journal: readonly JournalRow[];
  readonly #calls: readonly Call[];
  /** What each piece says that has to do with the session. */
  readonly #mentions: readonly Mentions[];
  /** What has to outlive the session. */
  readonly #needs: Needs;
  /** Whether a piece belongs into one transaction with the next. */
  readonly #tied: readonly boolean[];
  #done: number;
  /** Up to here pieces are run one by one: the database does not take them together. */
  #single = 0;

  constructor(context: RunContext, planned: PlannedMigration, { journal, calls }: Past) {
    this.#context = context;
    this.#planned = planned;
    this.#pieces = planned.steps.flatMap(piecesOf);
    this.#done = planned.resume?.done ?? 0;
    const isOurs = (row: { migration: string; direction: string }): boolean =>
      row.migration === planned.id && row.direction === planned.direction;
    this.#calls = calls.filter(isOurs);
    this.#journal = journal.filter(isOurs);
    this.#intended = planned.resume?.uncertain
      ? this.#journal.find((row) => row.state === "intended")
      : undefined;
    this.#mentions = this.#pieces.map(({ statement }) => mentionsOf(statement?.text ?? "", context.dialect));
    this.#needs = needsOf(this.#mentions);
    this.#tied = tiedToNext(this.#mentions);
  }

  /** What stays after a failure: nothing where nothing was finished. */
  stateAfter(stopped: Stopped, finished: readonly string[]): NonNullable<Stopped["state"]> {
    if (isLost(stopped.reason)) return { kind: "unknown", finished };
    // A function may have finished some of its statements, which its line remembers.
    const begun = this.#done > 0 || this.#pieces[this.#done]?.statement === undefined;
    if (begun && this.#pieces.length > 0)
      return { kind: "half", done: this.#done, of: this.#pieces.length, finished };
    return finished.length === 0 ? { kind: "unchanged" } : { kind: "migration-undone", finished };
  }

  async all(): Promise<void> {
    await this.#restoreSession();
    let intended = this.#intended;
    if (intended) intended = await this.#settleChanged(intended);
    while (this.#done < this.#pieces.length) {
      const piece = this.#pieces[this.#done];
      if (piece === undefined) break;
      const at = placeOf(this.#planned, piece.step, piece.index);
      stopIfAsked(this.#context, at);
      await this.#context.guard.check();
      const group = intended === undefined ? this.#groupAt(this.#done) : [];
      if (group.length > 1) {
        await this.#asOne(group);
        continue;
      }
      try {
        await this.#one(piece, intended);
        this.#done++;
      } catch (error) {
        if (!piece.step.ignoreErrors || !isIgnorable(error)) return this.#stopped(at, error);
        await this.#ignore(piece, error);
      }
      intended = undefined;
      this.#tell(piece);
    }
  }

  #tell({ step, index }: Piece): void {
    this.#context.emit({ type: "statement", id: this.#planned.id, step: step.index, statement: index });
  }

  /** The pieces from `at` on that belong into one transaction; where that is only one, it is run by itself. */
  #groupAt(at: number): readonly Piece[] {
    const joins = (piece: Piece | undefined): boolean =>
      piece?.statement !== undefined && !piece.step.ignoreErrors && this.#canShare(piece.statement.text);
    let end = at + 1;
    while (
      at >= this.#single &&
      this.#tied[end - 1] &&
      joins(this.#pieces[end - 1]) &&
      joins(this.#pieces[end])
    )
      end++;
    return this.#pieces.slice(at, end);
  }

  /** Several pieces and their lines in one transaction. */
  async #asOne(group: readonly Piece[]): Promise<void> {
    const { guard, ledger } = this.#context;
    const details: (string | null)[] = [];
    let at = placeOf(this.#planned);
    try {
      await guard.work.atomic(async () => {
        await guard.enter();
        for (const [i, { step, index, statement }] of group.entries()) {
          at = placeOf(this.#planned, step, index);
          stopIfAsked(this.#context, at);
          await guard.work.sql(statement?.text ?? "");
          // Nothing comes between others: the next may ask how many rows this one has changed.
          const asks = i === group.length - 1 || this.#mentions[this.#done + i]?.words[0] === "prepare";
          details.push(asks ? await this.#values(this.#done + i) : null);
        }
        await ledger.noteAll(
          group.map((piece, i) => ({ ...this.#entry(piece, "done"), detail: details[i] })),
        );
      });
    } catch (error) {
      if (refusesTransaction(error)) this.#single = this.#done + group.length;
      else if (error instanceof Stopped) throw error;
      else await this.#stopped(at, error);
      return;
    }
    this.#done += group.length;
    for (const piece of group) this.#tell(piece);
  }

  /** What has to be remembered of the session beside the line of the piece at `index`. */
  async #values(index: number): Promise<string | null> {
    const { guard, dialect } = this.#context;
    if (dialect !== "mysql") return null;
    const session = await sessionValues(guard.work, this.#needs, index);
    return session === undefined ? null : pack({ session });
  }

  /** The record and the end of the journal, together. */
  async record(ms: number): Promise<void> {
    const { guard, ledger } = this.#context;
    const { id, direction } = this.#planned;
    await guard.work.atomic(async () => {
      await guard.enter();
      if (direction === "migrate") await ledger.record([recordOf(this.#planned)]);
      else await ledger.forget([id]);
      await ledger.log([
        {
          migration: id,
          operation: direction === "migrate" ? "apply" : "rollback",
          direction,
          durationMs: ms,
        },
      ]);
      await ledger.closeJournal([id]);
    });
  }

  /** What earlier statements set for the session went with the session that was lost. */
  async #restoreSession(): Promise<void> {
    const { guard } = this.#context;
    let values: Intent["session"];
    for (const [at, { step, statement, index }] of this.#pieces.slice(0, this.#done).entries()) {
      const row = this.#journal.find((one) => one.step === step.index && one.statement === index);
      values = readIntent(row?.detail ?? null).session ?? values;
      if (statement === undefined || !this.#isOfSession(at, statement.text)) continue;
      try {
        // What is prepared may be prepared from a variable.
        await restoreValues(guard.work, values);
        await guard.work.sql(statement.text);
      } catch (error) {
        if (!step.ignoreErrors) throw new Stopped(placeOf(this.#planned, step, index), error);
      }
    }
    await restoreValues(guard.work, values);
  }

  /** Whether a statement that is done changes only the session: it has to be said again to a new one, and does no harm. */
  #isOfSession(at: number, sql: string): boolean {
    const { dialect } = this.#context;
    const [first, second = ""] = this.#mentions[at]?.words ?? [];
    if (first === "use" || first === "pragma" || first === "attach") return true;
    if (first === "prepare")
      return this.#mentions.slice(this.#done).some(({ words }) => usesPrepared(words, second));
    // What a variable holds is remembered; found anew it might be something else.
    if (first !== "set" || (dialect === "mysql" && setsOnlyVariables(sql))) return false;
    return second !== "global" && second !== "persist" && second !== "password";
  }

  /** Settles the line of a statement that was begun and has been changed in its file since; only if it did not happen, the new text may run. */
  async #settleChanged(row: JournalRow): Promise<JournalRow | undefined> {
    if (!this.#planned.resume?.changed) return row;
    const intent = readIntent(row.detail);
    const called = this.#calls.some((call) => call.step === row.step);
    if (called || (intent.sql !== undefined && (await this.#happened(intent)))) {
      throw new DriftError(
        `The migration ${this.#planned.id} is half-applied, and what was under way when it stopped (statement ${row.statement + 1} of step ${row.step + 1}) took effect and was changed in its file since. ` +
          `Put back what was there, or put the database right by hand and use \`rider mark "${this.#planned.id}"\` or \`rider unmark "${this.#planned.id}"\`. Nothing was run.`,
      );
    }
    await this.#context.ledger.unnote(row.key);
    return undefined;
  }

  async #happened({ sql, catalog }: Intent): Promise<boolean> {
    const { guard, dialect } = this.#context;
    return catalog !== undefined && (await catalogFingerprint(guard.work, dialect, sql ?? "")) !== catalog;
  }

  async #one(piece: Piece, intended: JournalRow | undefined): Promise<void> {
    const { statement } = piece;
    if (statement === undefined) return this.#function(piece, intended);
    if (intended) return this.#again(piece, statement, intended);
    if (this.#canShare(statement.text)) {
      try {
        return await this.#together(piece, statement);
      } catch (error) {
        if (!refusesTransaction(error)) throw error;
      }
    }
    return this.#apart(piece, statement, undefined);
  }

  /** A statement of which only the intent is known. */
  async #again(piece: Piece, statement: PlannedStatement, row: JournalRow): Promise<void> {
    const { guard, ledger, dialect } = this.#context;
    const dropped = dialect === "postgresql" && (await dropInvalidIndexes(guard.work, statement.text));
    if (!dropped && (await this.#happened(readIntent(row.detail))))
      return ledger.renote(row.key, "done", await this.#values(this.#done));
    return this.#apart(piece, statement, row.key);
  }

  /** Statement and line in one transaction. */
  async #together(piece: Piece, statement: PlannedStatement): Promise<void> {
    const { guard, ledger } = this.#context;
    await guard.work.atomic(async () => {
      await guard.enter();
      await guard.work.sql(statement.text);
      await ledger.note(this.#entry(piece, "done"), await this.#values(this.#done));
    });
  }

  /** Intent, statement, line. */
  async #apart(piece: Piece, statement: PlannedStatement, known: string | undefined): Promise<void> {
    const { guard, ledger, dialect } = this.#context;
    const sql = statement.text;
    const looked =
      dialect === "mysql" && this.#mentions[this.#done]?.words[0] === "execute"
        ? await executedText(guard.work, sql, this.#earlier())
        : sql;
    const catalog = await catalogFingerprint(guard.work, dialect, looked);
    const intent = pack({ catalog, sql: looked });
    if (known !== undefined) await ledger.renote(known, "intended", intent);
    const key = known ?? (await ledger.note(this.#entry(piece, "intended"), intent));
    let sent = false;
    const run = async (): Promise<void> => {
      await guard.work.sql(sql);
      sent = true;
      await ledger.renote(key, "done", await this.#values(this.#done));
    };
    try {
      // What may be no DDL at all (`call`, `execute`) shares a transaction with its line, for as long as it does not end it.
      if (dialect === "mysql" && !recognise(sql, dialect).ddl) await guard.work.atomic(run);
      else await run();
    } catch (error) {
      // Answered, so it is known not to have happened; but for what it may have left half done.
      if (!sent && isDatabaseError(error) && !isLost(error) && (await this.#leftovers(sql)).length === 0)
        await ledger.unnote(key);
      throw error;
    }
  }

  #earlier(): string[] {
    return this.#pieces.slice(0, this.#done).map(({ statement }) => statement?.text ?? "");
  }

  async #leftovers(sql: string): Promise<readonly string[]> {
    const { guard, dialect } = this.#context;
    return dialect === "postgresql" ? invalidIndexes(guard.work, sql) : [];
  }

  async #function({ step, index, statement }: Piece, row: JournalRow | undefined): Promise<void> {
    const { guard, ledger, dialect } = this.#context;
    if (step.work.kind !== "function") return;
    const key = row?.key ?? (await ledger.note(this.#entry({ step, index, statement }, "intended")));
    const place = { migration: this.#planned.id, direction: this.#planned.direction, step: step.index };
    const calls = this.#calls.filter((call) => call.step === step.index);
    const journal = new FunctionJournal(this.#context, place, key, readIntent(row?.detail ?? null), calls);
    try {
      await new StepDatabase(guard.work, dialect, journal).run(step.work.run);
    } catch (error) {
      if (isLost(error)) throw error;
      if (journal.isEmpty) await ledger.unnote(key);
      throw error;
    }
    await ledger.renote(key, "done");
  }

  /** A failure that is passed over ends its step: what is left of the step is passed over too, as it is inside a transaction. */
  async #ignore(piece: Piece, error: Error): Promise<void> {
    const { ledger, emit } = this.#context;
    const { id, direction } = this.#planned;
    const left = this.#pieces.slice(this.#done).filter((one) => one.step === piece.step);
    // At once, or a run killed in between would go on in the middle of what was passed over.
    await ledger.noteAll(left.map((one) => this.#entry(one, "ignored")));
    this.#done += left.length;
    const statement = piece.statement === undefined ? undefined : piece.index;
    emit({ type: "ignored", direction, id, step: piece.step.index, statement, reason: words(error) });
  }

  async #stopped(at: Stopped["at"], error: unknown): Promise<never> {
    const left = at.sql === undefined || isLost(error) ? [] : await this.#leftovers(at.sql);
    const place = at.sql === undefined ? placeInStack(error, at.file) : at.place;
    throw new Stopped({ ...at, place }, error, { note: invalidIndexNote(left) });
  }

  #entry(
    { step, index, statement }: Piece,
    state: "intended" | "done" | "ignored",
  ): Parameters<RunContext["ledger"]["note"]>[0] {
    const { id: migration, direction } = this.#planned;
    return {
      migration,
      direction,
      step: step.index,
      statement: index,
      fingerprint: statement?.fingerprint ?? "",
      state,
    };
  }

  #canShare(sql: string): boolean {
    const { dialect } = this.#context;
    const facts = recognise(sql, dialect);
    return dialect === "mysql" ? !facts.commits : facts.outsideTransaction === undefined;
  }
}

function piecesOf(step: PlannedStep): Piece[] {
  if (step.work.kind === "function") return [{ step, index: 0, statement: undefined }];
  return step.work.statements.map((statement, index) => ({ step, index, statement }));
}

/**
 * PostgreSQL's two ways to say that a statement does not go into a transaction: 25001 ("cannot run inside a transaction block") and 2D000, for a
 * procedure that commits. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function refusesTransaction(error: unknown): boolean {
  return isDatabaseError(error) && (error.sqlState === "25001" || error.sqlState === "2D000");
}
