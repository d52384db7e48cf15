import { ApocryphanError, ConnectError } from "../base/error.ts";
import { concealed, masked } from "../base/secret.ts";
import type { Dialect, FailureCode } from "../dialect/dialect.ts";
import type { Failure, FailureKind } from "../dialect/failure.ts";
import type { Statement } from "./driver.ts";

/** The longest piece of a statement that a message quotes, in characters. */
const SHOWN = 200;

/** There is no such SQLite file, and it was not to be made. */
export class NoSuchFileError extends ConnectError {
  constructor(file: string) {
    super(`Could not open the SQLite file ${file}: there is no such file, and nothing was to be made.`);
  }
}

/** What a driver read from its client's error. */
export interface DatabaseFailure extends FailureCode {
  readonly dialect: Dialect;
  readonly message: string;
  readonly statement: Statement;
  readonly driverError: unknown;
  readonly constraint?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  /** Where in the statement the server saw the mistake, counted from 1 in characters. */
  readonly position?: number | undefined;
  /** The transaction was made read-only by this program, so a refused write says nothing about the server. */
  readonly readOnlyByChoice?: boolean | undefined;
}

/**
 * The database refused a statement. `sqlState` (or `errno`, where the database has no SQLSTATE) is its own code and
 * `kind` the same in words; `statement` is the text as it was sent, without values; `cause` is the driver's error, which has its
 * message masked, since servers put values into theirs, and does not print; fields such as `detail` can be read by name, and the
 * message as it came as `serverMessage`.
 */
export class DatabaseError extends ApocryphanError {
  /** The five characters of the SQL standard, such as `"23505"`; `undefined` on SQLite. */
  readonly sqlState: string | undefined;
  /** MySQL's error number or SQLite's extended result code; `undefined` on PostgreSQL. */
  readonly errno: number | undefined;
  /** What kind of failure it is, the same word for the three databases: `"unique"`, `"deadlock"`, `"syntax"`… */
  readonly kind: FailureKind;
  /** Whether running the whole transaction again may succeed. */
  readonly retryable: boolean;
  readonly statement: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  /** Where in the statement the server saw the mistake, counted from 1 in characters. */
  readonly position: number | undefined;
  /** What follows for the connection and the host. */
  readonly #failure: Failure;

  constructor(seen: DatabaseFailure) {
    const { dialect, statement } = seen;
    const names = [seen.constraint, seen.table, seen.column].filter((name) => name !== undefined);
    const words = masked(seen.message, { statement: statement.text, names, values: statement.values });
    const code = seen.sqlState ?? seen.name ?? seen.errno;
    super(
      "DATABASE_ERROR",
      `${dialect.title} refused a statement: ${words}${code === undefined ? "" : ` [${code}]`}. The statement: ${shortened(statement.text)}`,
      { cause: concealed(seen.driverError, `${dialect.title} driver error ${code ?? ""}`.trim(), words) },
    );
    const seriously = dialect.classify(seen);
    const failure: Failure =
      seriously.kind === "readOnly" && seen.readOnlyByChoice
        ? { ...seriously, connection: "keep", host: "keep" }
        : seriously;
    this.#failure = failure;
    this.sqlState = seen.sqlState;
    this.errno = seen.errno;
    this.kind = failure.kind;
    this.retryable = failure.retryable;
    this.statement = statement.text;
    this.constraint = seen.constraint;
    this.table = seen.table;
    this.column = seen.column;
    this.position = seen.position;
  }

  /** Whether a connection that has seen `error` may be used again. */
  static keepsConnection(error: unknown): boolean {
    return !(error instanceof DatabaseError) || error.#failure.connection === "keep";
  }

  /** Whether everything opened to the host that gave `error` is to be retired. */
  static retiresHost(error: unknown): boolean {
    return error instanceof DatabaseError && error.#failure.host === "retire";
  }
}

/** A statement's start, on one line, for a message. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

/** The client library for a database is not installed. Says which package, and the command that installs it. */
export class DriverMissingError extends ApocryphanError {
  /** The npm package to install. */
  readonly package: string;

  constructor(name: string, title: string, options?: { cause?: unknown }) {
    super(
      "DRIVER_MISSING",
      `${title} is reached through the npm package "${name}", which is not installed. Run: npm install ${name}`,
      options,
    );
    this.package = name;
  }
}

/** A statement did not end within its `timeout`. It was cancelled on the server where the database can do that. */
export class StatementTimeoutError extends ApocryphanError {
  /** The limit, in seconds. */
  readonly timeout: number;

  constructor(ms: number, statement: string) {
    super(
      "STATEMENT_TIMEOUT",
      `A statement did not end within ${ms} ms and was cancelled. Make it faster, or raise its timeout. The statement: ${shortened(statement)}`,
    );
    this.timeout = ms / 1000;
  }
}
