import type { Origin } from "../base/origin.ts";
import { Shown } from "../base/shown.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Result } from "../driver/driver.ts";
import { type Call, type CursorOptions, type Query, type StatementOptions, understand } from "./call.ts";
import { NoRowError } from "./errors.ts";
import { mogrified } from "./mogrify.ts";
import { heard, StatementEvent, told, toldFlow } from "./statement-events.ts";

/** What a statement that gives no rows has done. */
export interface Outcome {
  /** How many rows it changed; for a query, how many it gave. */
  readonly rowCount: number;
  /** The key the database made for the last new row; `null` where it made none, and always on PostgreSQL, which says it by `returning`. */
  readonly lastInsertId: number | bigint | null;
}

/** A row as a plain object. 64-bit integers are numbers where that is exact and `bigint` beyond 2⁵³; decimals are strings. */
export type AnyRow = Record<string, unknown>;

/**
 * The statement methods, which a database object and a connection's handle have in common. Each takes a string with the
 * driver's own placeholders and an array of values, or a `sql` template, or is used as a tag itself:
 *
 * ```ts
 * await db.select("select * from contacts where id = $1", [id]);
 * await db.select(sql`select * from contacts where id = ${id}`);
 * await db.select`select * from contacts where id = ${id}`;
 * ```
 *
 * All of them throw `OptionError` for arguments that don't fit, `DatabaseError` where the database refuses the statement,
 * `ConnectionLostError` where the connection breaks, `AbortError` when `signal` is aborted and `StatementTimeoutError`
 * when `timeout` passes. In the last two cases the statement is cancelled on the server (PostgreSQL's cancel request,
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS; MySQL's `kill query`,
 * https://dev.mysql.com/doc/refman/8.4/en/kill.html); SQLite's runs to its end.
 */
export abstract class Statements extends Shown {
  /** What is known about this kind of database. */
  protected abstract readonly knowledge: Dialect;

  /** Where it leads, in words that hold no secret: for labels and logs, and to know its events by. */
  abstract readonly origin: Origin;

  /** Runs a statement where it belongs; without a promise where that can be done at once. */
  protected abstract perform(call: Call): Result | Promise<Result>;

  /** Reads a statement's rows in batches. */
  protected abstract flow(call: Call): AsyncIterableIterator<AnyRow[]>;

  /** `"postgresql"`, `"mysql"` or `"sqlite"`. */
  get dialect(): Dialect["name"] {
    return this.knowledge.name;
  }

  /** Runs a statement. */
  sql(
    query: Query,
    params?: readonly unknown[] | StatementOptions,
    options?: StatementOptions,
  ): Promise<Outcome>;
  sql(strings: TemplateStringsArray, ...values: unknown[]): Promise<Outcome>;
  sql(...args: unknown[]): Promise<Outcome> {
    return this.given(args, outcomeOf);
  }

  /** Runs a query and gives all its rows. */
  select<Row = AnyRow>(
    query: Query,
    params?: readonly unknown[] | StatementOptions,
    options?: StatementOptions,
  ): Promise<Row[]>;
  select<Row = AnyRow>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
  select(...args: unknown[]): Promise<unknown[]> {
    return this.given(args, rowsOf);
  }

  /**
   * Runs a query and gives its first row.
   *
   * @throws NoRowError where it gives none
   */
  get<Row = AnyRow>(
    query: Query,
    params?: readonly unknown[] | StatementOptions,
    options?: StatementOptions,
  ): Promise<Row>;
  get<Row = AnyRow>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row>;
  get(...args: unknown[]): Promise<unknown> {
    return this.given(args, firstOf);
  }

  /** Runs a query and gives its first row, or `null` where it gives none. */
  getOrNone<Row = AnyRow>(
    query: Query,
    params?: readonly unknown[] | StatementOptions,
    options?: StatementOptions,
  ): Promise<Row | null>;
  getOrNone<Row = AnyRow>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row | null>;
  getOrNone(...args: unknown[]): Promise<unknown> {
    return this.given(args, firstIfAny);
  }

  /**
   * Runs an `insert` and gives the new row's key: the first `returning` column's value where the statement has one, else
   * the database's last insert id (`null` on PostgreSQL, which has none, and where no key was made).
   */
  insert<Key = number | bigint | string | null>(
    query: Query,
    params?: readonly unknown[] | StatementOptions,
    options?: StatementOptions,
  ): Promise<Key>;
  insert<Key = number | bigint | string | null>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Key>;
  insert(...args: unknown[]): Promise<unknown> {
    return this.given(args, keyOf);
  }

  /**
   * A query's rows, read from the server `batch` at a time, so that never the whole result is in memory. Nothing is sent
   * before the first row is asked for. Leaving the loop early ends the query on the server. While the loop runs, the
   * connection takes other statements on SQLite, and throws `ConnectionBusyError` on PostgreSQL and MySQL; `timeout`
   * bounds the wait for each batch.
   */
  cursor<Row = AnyRow>(
    query: Query,
    params?: readonly unknown[] | CursorOptions,
    options?: CursorOptions,
  ): AsyncIterable<Row>;
  cursor<Row = AnyRow>(strings: TemplateStringsArray, ...values: unknown[]): AsyncIterable<Row>;
  cursor(...args: unknown[]): AsyncIterable<unknown> {
    const call = understand(args, this.knowledge, true);
    const flow = (): AsyncIterableIterator<AnyRow[]> => this.tellingFlow(call, () => this.flow(call));
    return {
      async *[Symbol.asyncIterator]() {
        for await (const batch of flow()) yield* batch;
      },
    };
  }

  /** The statement with its values in place, quoted for the dialect. For people to read; it sends nothing. */
  mogrify(query: Query, params?: readonly unknown[]): string;
  mogrify(strings: TemplateStringsArray, ...values: unknown[]): string;
  mogrify(...args: unknown[]): string {
    return mogrified(understand(args, this.knowledge).statement, this.knowledge);
  }

  /** Runs a statement, and tells of it where somebody listens. */
  protected telling(call: Call, run: () => Promise<Result>): Promise<Result> {
    if (!heard()) return run();
    return told(new StatementEvent(this.origin, this.knowledge, call.statement, false), run);
  }

  /** Reads rows, and tells of it where somebody listens. */
  protected tellingFlow(
    call: Call,
    flow: () => AsyncIterableIterator<AnyRow[]>,
  ): AsyncIterableIterator<AnyRow[]> {
    if (!heard()) return flow();
    return toldFlow(new StatementEvent(this.origin, this.knowledge, call.statement, true), flow);
  }

  /**
   * What is made of a statement's result. No async function, which costs a good part of what a small statement does where its answer
   * is here at once.
   */
  private given<T>(args: readonly unknown[], made: Made<T>): Promise<T> {
    try {
      const call = understand(args, this.knowledge);
      const ran = this.dispatch(call);
      return ran instanceof Promise ? later(ran, call, made) : Promise.resolve(made(ran, call));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private dispatch(call: Call): Result | Promise<Result> {
    return heard() ? this.telling(call, async () => this.perform(call)) : this.perform(call);
  }
}

/** What a statement method makes of a result. */
type Made<T> = (result: Result, call: Call) => T;

async function later<T>(ran: Promise<Result>, call: Call, made: Made<T>): Promise<T> {
  return made(await ran, call);
}

function outcomeOf({ rowCount, lastInsertId }: Result): Outcome {
  return { rowCount, lastInsertId };
}

function rowsOf({ rows }: Result): unknown[] {
  return rows;
}

function firstOf({ rows }: Result, { statement }: Call): unknown {
  if (rows.length === 0) throw new NoRowError(statement.text);
  return rows[0];
}

function firstIfAny({ rows }: Result): unknown {
  return rows[0] ?? null;
}

function keyOf({ rows, columns, lastInsertId }: Result): unknown {
  const [column] = columns;
  return column === undefined ? lastInsertId : (rows[0]?.[column] ?? null);
}
