import type { Asked } from "../base/ask.ts";
import { type Duration, milliseconds } from "../base/duration.ts";
import { OptionError } from "../base/error.ts";
import { Recent } from "../base/recent.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { mysql } from "../dialect/mysql.ts";
import { scan } from "../dialect/scan.ts";
import { sqlite } from "../dialect/sqlite.ts";
import type { Statement } from "../driver/driver.ts";
import { shortened } from "../driver/errors.ts";
import { misfit } from "./misfit.ts";
import { Sql } from "./sql.ts";

/** A statement: a `sql` template, or a string with the driver's own placeholders (`$1` for PostgreSQL, `?` for the others). */
export type Query = string | Sql;

/** What each statement method takes as its last argument. */
export interface StatementOptions {
  /** Gives the statement up: the caller gets an `AbortError`, and the statement is cancelled on the server. */
  readonly signal?: AbortSignal | undefined;
  /** How long the caller waits at most, in seconds or with a unit; then it gets a `StatementTimeoutError`, and the statement is cancelled on the server. @default none */
  readonly timeout?: Duration | undefined;
}

/** What `cursor` takes as its last argument. */
export interface CursorOptions extends StatementOptions {
  /** How many rows are read from the server at a time. @default 100 */
  readonly batch?: number | undefined;
}

/** A call of a statement method, understood. */
export interface Call {
  readonly statement: Statement;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly batch: number;
}

const BATCH = 100;
const NO_VALUES: readonly unknown[] = [];
const STATEMENT_OPTIONS = ["signal", "timeout"];
const CURSOR_OPTIONS = [...STATEMENT_OPTIONS, "batch"];

/**
 * Understands the arguments of a statement method in all their forms.
 *
 * @throws OptionError before anything is sent, where an argument does not fit
 */
export function understand(args: readonly unknown[], dialect: Dialect, cursor = false): Call {
  const query = args[0];
  const second = args[1];
  // What nearly every call looks like.
  if (typeof query === "string" && args.length < 3 && (second === undefined || Array.isArray(second))) {
    return plain(counted(checked(query, second ?? NO_VALUES, dialect), dialect));
  }
  return understandAny(query, args.slice(1), dialect, cursor);
}

function understandAny(query: unknown, rest: readonly unknown[], dialect: Dialect, cursor: boolean): Call {
  if (isTemplate(query)) {
    const { text, values } = Sql.compileTag(query, rest, dialect);
    return call(checked(text, values, dialect), undefined, cursor);
  }
  if (typeof query !== "string" && !(query instanceof Sql)) {
    throw new OptionError(
      "query",
      "A statement is a string or a sql`…` template; it was given something else.",
    );
  }
  const params = Array.isArray(rest[0]) ? (rest[0] as unknown[]) : undefined;
  if (rest[0] !== undefined && params === undefined && rest.length > 1 && rest[1] !== undefined) {
    throw new OptionError(
      "params",
      "The parameters of a statement are an array, as in db.select(query, [1, 2]).",
    );
  }
  const options = params !== undefined || rest[0] === undefined ? rest[1] : rest[0];
  if (query instanceof Sql) {
    if (params !== undefined && params.length > 0) {
      throw new OptionError(
        "params",
        "A sql`…` template carries its values itself, so no parameters can be given beside it.",
      );
    }
    const { text, values } = query.compile(dialect);
    return call(checked(text, values, dialect), options, cursor);
  }
  return call(counted(checked(query, params ?? NO_VALUES, dialect), dialect), options, cursor);
}

/** A statement of an integration's, understood. @throws OptionError where its values do not fit */
export function asCall({ text, values, rows, times, signal, batch }: Asked, dialect: Dialect): Call {
  const known = understand([text, values, { signal, batch }], dialect, true);
  const { statement } = known;
  return { ...known, statement: { text: statement.text, values: statement.values, rows, times } };
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}

function plain(statement: Statement): Call {
  return { statement, signal: undefined, timeout: undefined, batch: BATCH };
}

function call(statement: Statement, options: unknown, cursor: boolean): Call {
  if (options === undefined || options === null) return plain(statement);
  if (typeof options !== "object") {
    throw new OptionError("options", 'A statement\'s last argument is an object such as { timeout: "5s" }.');
  }
  const known = cursor ? CURSOR_OPTIONS : STATEMENT_OPTIONS;
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw unknownOption("A statement", name, known, " Parameters are given as an array.");
  }
  const { signal, timeout, batch = BATCH } = options as CursorOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new OptionError("signal", 'The option "signal" takes an AbortSignal.');
  }
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new OptionError("batch", 'The option "batch" takes a whole number of rows, 1 or more.');
  }
  return {
    statement,
    signal,
    timeout: timeout === undefined ? undefined : milliseconds("timeout", timeout),
    batch,
  };
}

/** What is no value of any database is nearly always a slip, and the client libraries disagree on what it means. */
function checked(text: string, values: readonly unknown[], dialect: Dialect): Statement {
  if (values.length > MOST && dialect.name === "postgresql") {
    throw new OptionError(
      "params",
      `A statement was given ${values.length} parameters, and PostgreSQL takes at most ${MOST}; nothing was sent. Pass an array as one parameter, as in sql\`… = any(${"${ids}"})\`, or send several statements. The statement: ${shortened(text)}`,
    );
  }
  for (let i = 0; i < values.length; i++) {
    const what = misfit(values[i], dialect.name);
    if (what === undefined) continue;
    throw new OptionError(
      "params",
      `Parameter ${i + 1} of a statement is ${what} The statement: ${shortened(text)}`,
    );
  }
  return { text, values };
}

/** Their number is two bytes wide: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const MOST = 65_535;

/** What `placeholders` gives for a text whose placeholders are numbered or named, which can't be counted. */
const UNCOUNTED = -1;

/** How many `?` a text has; counted once for each text. A PostgreSQL server counts for itself. */
const places = {
  mysql: new Recent((text) => placeholders(text, mysql)),
  sqlite: new Recent((text) => placeholders(text, sqlite)),
};

/** SQLite would take a missing value for null without a word, so the values are counted before they are sent. */
function counted(statement: Statement, { name }: Dialect): Statement {
  const { text, values } = statement;
  if (name === "postgresql" || (values.length === 0 && !text.includes("?"))) return statement;
  // Without any values the text goes to the database as it is, byte for byte; MySQL then sees to a stray `?` itself.
  if (values.length === 0 && name === "mysql") return statement;
  const count = places[name].of(text);
  if (count !== UNCOUNTED && count !== values.length) {
    throw new OptionError(
      "params",
      `A statement has ${count} placeholder${count === 1 ? "" : "s"} and was given ${values.length} parameter${values.length === 1 ? "" : "s"}; nothing was sent. The statement: ${shortened(text)}`,
    );
  }
  return statement;
}

function placeholders(text: string, dialect: Dialect): number {
  const code = scan(text, dialect.lexicon)
    .filter(({ kind }) => kind === "code")
    .map(({ start, end }) => text.slice(start, end));
  const numbered =
    dialect.name === "sqlite" && code.some((part) => /\?\d|(?<![\w:])[:@$][A-Za-z_]/.test(part));
  return numbered ? UNCOUNTED : code.reduce((sum, part) => sum + part.split("?").length - 1, 0);
}
