import { resolve } from "node:path";
import { type Duration, milliseconds } from "../../base/duration.ts";
import { OptionError } from "../../base/error.ts";
import { nearest } from "../../base/nearest.ts";
import type { Database } from "../../database/database.ts";
import type { RiderEvent } from "../model/event.ts";
import { isRead, type Migration, type Outline } from "../model/migration.ts";
import type { Plan } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { type Choice, chooseMigrate, chooseRollback, idsOf } from "../plan/choose.ts";
import { type MarkTarget, planMark, planUnmark } from "../plan/mark.ts";
import { planMigrate, planRedo, planRollback } from "../plan/plan.ts";
import { toError } from "../plan/problems.ts";
import { check, type Findings, type StatusRow, status } from "../plan/status.ts";
import type { RollbackTarget, Target } from "../plan/target.ts";
import { commandLine } from "./command-line.ts";
import { type FullConfig, fullConfig, type RiderConfig } from "./config.ts";
import { type Line, openLine, type Purpose } from "./connect.ts";
import type { RunContext } from "./context.ts";
import { type Created, type CreateOptions, createFiles } from "./create.ts";
import { type Executed, execute } from "./execute.ts";
import { Ledger, type Past, samePast } from "./history.ts";
import { onlyReads, type QueryResult, runQuery } from "./query.ts";
import { outlines, type Read, readSource, readWhole, type Source } from "./source.ts";
import { version } from "./version.ts";
import { whoAmI } from "./who.ts";

/** What every command that changes the database takes. */
export interface RunOptions {
  /** How long to wait for another run, in seconds or with a unit; `0` does not wait. @default the configuration's, or 60 */
  readonly lockTimeout?: Duration | undefined;
  /** Ends the run after the statement in hand: rolled back where it is in a transaction, recorded where it is not. */
  readonly signal?: AbortSignal | undefined;
  /** Told what goes on, as data. It should not throw: what it throws stops the run like a failure. */
  readonly onEvent?: ((event: RiderEvent) => void) | undefined;
}

export interface MigrateCommand extends RunOptions {
  /** Apply no further than this one (an id, or its index). @default all that is pending */
  readonly to?: Target | undefined;
  /** Only plan: write nothing, take no lock. @default false */
  readonly dryRun?: boolean | undefined;
}

export interface RollbackCommand extends RunOptions, RollbackTarget {
  /** Only plan: write nothing, take no lock. @default false */
  readonly dryRun?: boolean | undefined;
  /** Undo the record alone where a migration can't be undone. @default false */
  readonly force?: boolean | undefined;
}

export interface RedoCommand extends RunOptions {
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
}

export interface MarkCommand extends RunOptions, MarkTarget {}

/** What a run did, or with `dryRun` would do. */
export interface RunResult extends Executed {
  /** What was decided; `dryRun` has nothing else. */
  readonly plan: Plan;
  /** Edited and missing files. */
  readonly warnings: readonly Problem[];
}

/** Everything that a decision is made on. */
interface Known {
  readonly source: Source;
  readonly history: Past;
  readonly outlines: readonly Outline[];
}

/** Which migrations a command is about, and what it makes of them; `Problem[]` where something is in the way. */
interface Decision {
  choose(known: Known): Choice<Outline> | Problem[];
  /** `choice` is given where it was made of these very migrations. */
  plan(migrations: readonly Outline[], known: Known, choice?: Choice<Outline>): Plan | Problem[];
}

/**
 * Moves a database through its migrations. Every command is a method that returns data and prints nothing. The connections it uses are its
 * own, outside the pool, and closed when the method settles; `db` stays as it was.
 *
 * ```ts
 * const rider = new Rider(db, { source: "./migrations" });
 * await rider.migrate();
 * ```
 */
export class Rider {
  /** The configuration with its defaults. */
  readonly config: FullConfig;
  readonly #db: Database;

  /**
   * @param db the database object; any of this library's
   * @throws OptionError where the configuration does not fit
   */
  constructor(db: Database, config: RiderConfig = {}) {
    if (typeof db !== "object" || db === null || typeof db.dialect !== "string") {
      throw new OptionError(
        "db",
        "Rider needs a database object, such as new PostgreSQLDatabase({ … }); it was given something else. Does rider.ts `export { db }`?",
      );
    }
    this.#db = db;
    this.config = fullConfig(config);
  }

  /** Makes Rider's two tables where they are missing, under the lock. Every command that writes does so by itself. */
  async initTables(options: RunOptions = {}): Promise<void> {
    await this.#locked(options, async () => undefined);
  }

  /** All migrations of the folder, read whole and in the order in which they are applied. Asks the database nothing. @throws RiderError, DependencyError */
  async getMigrations(): Promise<Migration[]> {
    const source = readSource(this.#folder);
    const known = good(await outlines(source, new Map()));
    const whole = good(await readWhole(source, known, () => true));
    const order = rowsOf(status(whole, { applied: [], journal: [] }, this.#db.dialect));
    const byId = new Map(whole.filter(isRead).map((migration) => [migration.id, migration]));
    return order.flatMap(({ id }) => byId.get(id) ?? []);
  }

  /** When a migration was applied, or `null` where it is not. Writes nothing. */
  async applied(id: string): Promise<Date | null> {
    return this.#with("read", async ({ ledger }) => {
      const { applied } = await ledger.read();
      const row = applied.find((one) => one.id === id);
      return row === undefined ? null : (row.appliedAt ?? new Date(0));
    });
  }

  /** Every migration with how it stands, in the order in which they are applied. Writes nothing, takes no lock. */
  async migrations(): Promise<StatusRow[]> {
    return this.#with("read", async ({ ledger }) => {
      const { history, outlines } = await this.#know(ledger, readSource(this.#folder));
      return rowsOf(status(outlines, history, this.#db.dialect));
    });
  }

  /** What is pending, edited, missing or half done: for a pipeline. Writes nothing, takes no lock. */
  async check(): Promise<Findings> {
    return check(await this.migrations());
  }

  /** Writes the files of a new migration, which depends on all current heads. Asks the database nothing. */
  async create(options: CreateOptions): Promise<Created> {
    const message = options?.message;
    if (typeof message !== "string") {
      throw new OptionError(
        "message",
        'create takes a message, as in create({ message: "add contacts table" }).',
      );
    }
    return createFiles(this.#folder, options, this.#db.dialect);
  }

  /**
   * Applies what is pending, dependencies first.
   *
   * @throws MigrateError where a statement fails; DependencyError, DriftError, RiderError before anything ran; LockError
   */
  migrate(options: MigrateCommand = {}): Promise<RunResult> {
    checkNames("migrate", options, ["to", "dryRun", ...RUN_NAMES]);
    const how = { dialect: this.#db.dialect, transaction: this.config.transaction, to: options.to };
    return this.#run("migrate", options, {
      choose: ({ outlines, history }) => chooseMigrate(outlines, history, how),
      plan: (migrations, { history }, choice) => planMigrate(migrations, history, how, choice),
    });
  }

  /**
   * Undoes what the target names, and before it everything that depends on it.
   *
   * @throws RollbackError where a statement fails or a migration can't be undone; DependencyError, RiderError before anything ran; LockError
   */
  rollback(options: RollbackCommand): Promise<RunResult> {
    checkNames("rollback", options ?? {}, ["index", "to", "last", "all", "dryRun", "force", ...RUN_NAMES]);
    const how = { ...options, dialect: this.#db.dialect, transaction: this.config.transaction };
    return this.#run("rollback", options ?? {}, {
      choose: ({ outlines, history }) => chooseRollback(outlines, history, how),
      plan: (migrations, { history }, choice) => planRollback(migrations, history, how, choice),
    });
  }

  /** Rolls the one applied last back, and applies it again. */
  redo(options: RedoCommand = {}): Promise<RunResult> {
    checkNames("redo", options, ["dryRun", "force", ...RUN_NAMES]);
    const how = { dialect: this.#db.dialect, transaction: this.config.transaction, force: options.force };
    return this.#run("migrate", options, {
      choose: ({ outlines, history }) => chooseRollback(outlines, history, { ...how, last: 1 }),
      plan: (migrations, { history }) => planRedo(migrations, history, how),
    });
  }

  /** Records migrations as applied without running them; one that was edited since it was applied is accepted as it is now. Gives the ids. */
  async mark(target: string | MarkCommand): Promise<string[]> {
    const options: MarkCommand = typeof target === "string" ? { id: target } : target;
    checkNames("mark", options, ["id", "to", "all", ...RUN_NAMES]);
    return this.#locked(options, async ({ guard, ledger }) => {
      const { outlines, history } = await this.#know(ledger, readSource(this.#folder));
      const planned = planMark(
        outlines,
        history,
        { id: options.id, to: options.to, all: options.all },
        this.#db.dialect,
      );
      if (Array.isArray(planned)) throw toError(planned);
      const { marks } = planned;
      const ids = marks.map(({ outline }) => outline.id);
      if (ids.length === 0) return ids;
      await guard.work.atomic(async () => {
        await guard.enter();
        await ledger.record(marks.filter(({ what }) => what === "record").map(({ outline }) => outline));
        for (const { outline, what } of marks) if (what === "accept") await ledger.amend(outline);
        await ledger.log(
          marks.map(({ outline, what }) => ({
            migration: outline.id,
            operation: "mark",
            detail: what === "accept" ? "accepted as edited" : undefined,
          })),
        );
        await ledger.closeJournal(ids);
        await guard.check();
      });
      return ids;
    });
  }

  /** Records a migration as not applied without undoing it. Gives its id. */
  async unmark(target: Target | (RunOptions & { readonly id: Target })): Promise<string> {
    const options = typeof target === "object" ? target : { id: target };
    checkNames("unmark", options, ["id", ...RUN_NAMES]);
    return this.#locked(options, async ({ guard, ledger }) => {
      const { outlines, history } = await this.#know(ledger, readSource(this.#folder));
      const planned = planUnmark(outlines, history, options.id, this.#db.dialect);
      if (Array.isArray(planned)) throw toError(planned);
      await guard.work.atomic(async () => {
        await guard.enter();
        await ledger.forget([planned.id]);
        await ledger.log([{ migration: planned.id, operation: "unmark" }]);
        await ledger.closeJournal([planned.id]);
        await guard.check();
      });
      return planned.id;
    });
  }

  /** Runs a query and gives its rows. What it changes stays changed. @throws RiderError where it leaves a transaction open, which ends with it */
  async run(options: { readonly query: string }): Promise<QueryResult> {
    const query = options?.query;
    if (typeof query !== "string" || query.trim() === "") {
      throw new OptionError("query", 'run takes a query, as in run({ query: "select 1" }).');
    }
    const { dialect } = this.#db;
    const purpose = onlyReads(query, dialect) ? "read" : "write";
    return this.#with(purpose, ({ line }) => runQuery(line.session, dialect, query));
  }

  /**
   * What the command line calls: understands the arguments of the command `rider`, carries the command out on this object's database, and
   * prints what the command prints.
   *
   * @param argv the arguments without the program, such as `["rollback", "--last", "2"]`; `process.argv` is understood too
   * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 `check` found something
   */
  async parseArgs(argv: readonly string[] = process.argv): Promise<number> {
    return commandLine(this, argv === process.argv ? argv.slice(2) : argv);
  }

  get #folder(): string {
    return resolve(this.config.source);
  }

  /** Decides without the lock, and where there is something to do again with it: only then nobody else can change the history. */
  async #run(
    direction: "migrate" | "rollback",
    options: RunOptions & { readonly dryRun?: boolean | undefined },
    decision: Decision,
  ): Promise<RunResult> {
    const emit = options.onEvent ?? (() => undefined);
    const source = readSource(this.#folder);
    const nothing = { applied: [], rolledBack: [], seconds: 0 };
    return this.#with(options.dryRun ? "read" : "write", async ({ line, ledger }) => {
      const first = await this.#know(ledger, source);
      const before = await decide(first, decision);
      if (options.dryRun || (before.units.length === 0 && first.history.complete)) {
        tell(before, emit);
        if (!options.dryRun) emit({ type: "end", direction, count: 0, seconds: 0 });
        return { ...nothing, plan: before, warnings: before.warnings };
      }
      return this.#guarded(line, ledger, options, async (context) => {
        const past = await context.ledger.read();
        const unchanged = samePast(first.history, past);
        const known = unchanged ? first : await this.#knowFrom(past, source);
        const plan = unchanged ? before : await decide(known, decision);
        tell(plan, emit);
        const done = await execute(context, plan, known.history);
        return { ...done, plan, warnings: plan.warnings };
      });
    });
  }

  async #know(ledger: Ledger, source: Source): Promise<Known> {
    return this.#knowFrom(await ledger.read(), source);
  }

  async #knowFrom(history: Past, source: Source): Promise<Known> {
    const applied = new Map(history.applied.map((row) => [row.id, row]));
    return { source, history, outlines: good(await outlines(source, applied)) };
  }

  /** Opens a connection for the time of `work`. */
  async #with<Value>(
    purpose: Purpose,
    work: (open: { line: Line; ledger: Ledger }) => Promise<Value>,
  ): Promise<Value> {
    const who = whoAmI();
    const line = await openLine(this.#db, who, this.config, purpose);
    try {
      const ledger = new Ledger(line.session, this.#db.dialect, this.config, who, version());
      return await work({ line, ledger });
    } finally {
      await line.session.close();
    }
  }

  async #locked<Value>(options: RunOptions, work: (context: RunContext) => Promise<Value>): Promise<Value> {
    return this.#with("write", ({ line, ledger }) => this.#guarded(line, ledger, options, work));
  }

  /** Takes the lock and makes the tables, for the time of `work`. */
  async #guarded<Value>(
    line: Line,
    reader: Ledger,
    options: RunOptions,
    work: (context: RunContext) => Promise<Value>,
  ): Promise<Value> {
    const { config } = this;
    const emit = options.onEvent ?? (() => undefined);
    const guard = await line.guard(config, {
      limit: milliseconds("lockTimeout", options.lockTimeout ?? config.lockTimeout, { zero: true }),
      waiting: (holder, seconds, limit) => emit({ type: "waiting", holder, seconds, limit }),
      signal: options.signal,
    });
    try {
      const ledger = reader.on(guard.work);
      await ledger.init();
      return await work({
        dialect: this.#db.dialect,
        guard,
        ledger,
        emit,
        signal: options.signal,
        statementLockTimeout:
          config.statementLockTimeout === undefined
            ? undefined
            : milliseconds("statementLockTimeout", config.statementLockTimeout),
      });
    } finally {
      await guard.release();
    }
  }
}

const RUN_NAMES = ["lockTimeout", "signal", "onEvent"];

function checkNames(method: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new OptionError(
      name,
      `Rider's ${method} has no option "${name}". ${near === undefined ? `Known are ${known.join(", ")}.` : `Did you mean "${near}"?`}`,
    );
  }
}

/** Chooses, reads what was chosen whole, and plans. */
async function decide(known: Known, decision: Decision): Promise<Plan> {
  const choice = decision.choose(known);
  if (Array.isArray(choice)) throw toError(choice);
  const wanted = new Set(idsOf(choice));
  const whole = good(await readWhole(known.source, known.outlines, (id) => wanted.has(id)));
  // SQL was read whole at once; of modules, those that were chosen were outlines until now.
  const same = whole.every((migration, i) => migration === known.outlines[i]);
  const plan = decision.plan(whole, known, same ? choice : undefined);
  if (Array.isArray(plan)) throw toError(plan);
  return plan;
}

function tell(plan: Plan, emit: (event: RiderEvent) => void): void {
  for (const problem of plan.warnings) emit({ type: "warning", problem });
}

/** What was read, or the error for what could not be. */
function good<Kind>({ migrations, problems }: Read<Kind>): readonly Kind[] {
  if (problems.length > 0) throw toError(problems);
  return migrations;
}

function rowsOf(found: { readonly rows: StatusRow[] } | Problem[]): StatusRow[] {
  if (Array.isArray(found)) throw toError(found);
  return found.rows;
}
