import type { Read } from "../base/readings.ts";
import type { Dialect } from "../dialect/dialect.ts";

/**
 * How to write a driver: a file in this folder that implements `Driver` for one client library, loads that
 * library on first connect (see `load.ts`), turns its failures into `DatabaseError` (see `errors.ts`), and is then
 * named in the `database/` file of its dialect. `test/contract/` runs the same suite over each of them.
 */
export interface Driver {
  /** The npm package (or built-in module) behind this driver. */
  readonly client: string;
  readonly dialect: Dialect;
  /** Whether its connections live in this thread, where none dies unheard. */
  readonly local?: boolean;
  /** For a `local` one: whether a statement of this text only looks, so that it may run between `beginReading` and `endReading`. */
  readonly looks?: (text: string) => boolean;
  /** Whether its connections have `queryAlone`. */
  readonly pipelines?: boolean;
  /** Milliseconds of work that are little beside a statement's way to the database and back. @default 1 */
  readonly negligible?: number;
  /**
   * Opens one connection.
   *
   * @throws DriverMissingError where the client is not installed
   * @throws ConnectError naming host and port, or the file
   * @throws AbortError when `signal` is aborted; nothing is left open, here or on the server
   */
  connect(target: Target, signal: AbortSignal): Promise<Connection>;
}

/** Where to connect and as whom: the connection options after `url` was read and defaults were filled in. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string | undefined;
  readonly user?: string | undefined;
  /** Asked anew for each connection, for short-lived tokens. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** The database's name; for SQLite the file, or `":memory:"`. */
  readonly database?: string | undefined;
  readonly ssl?: boolean | "prefer" | object | undefined;
  readonly applicationName?: string | undefined;
  /** Milliseconds until an attempt is given up. */
  readonly connectTimeout: number;
  /** Handed to the client library as it is. */
  readonly driver: Readonly<Record<string, unknown>>;
  /** For SQLite, which makes a file that is not there: throw `NoSuchFileError` instead. @default false */
  readonly mustExist?: boolean | undefined;
}

/** A statement as the server is to get it: the dialect's own placeholders, and a value for each. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** `"arrays"`: each row is an array (see `asRow`) with a value for each column, so that columns of one name are kept apart. @default objects */
  readonly rows?: "arrays" | undefined;
  /** `"text"`: dates and times come as the text that the server writes, with all their digits. @default the client's own form */
  readonly times?: "text" | undefined;
}

/** A row that is to come as an array: an object whose keys are the numbers of its columns. */
export function asRow(values: unknown[]): Record<string, unknown> {
  return values as unknown as Record<string, unknown>;
}

/** What one statement gave. */
export interface Result {
  readonly rows: Record<string, unknown>[];
  /** Names of the columns in their order; empty where the statement gives none. */
  readonly columns: readonly string[];
  /** Rows changed, or given where it is a query. */
  readonly rowCount: number;
  /** How many of those differ from what they were; `undefined` where the client does not say. */
  readonly changedRows?: number | undefined;
  /** The key the database made last, where the protocol reports one; `null` on PostgreSQL. */
  readonly lastInsertId: number | bigint | null;
  /** Milliseconds of the database's own work, without the way there and back, where the driver can tell. */
  readonly took?: number | undefined;
}

/** Who has asked for a statement. He is told once, perhaps in the very call in which he asked. */
export interface Asker {
  answered(result: Result): void;
  failed(error: unknown): void;
}

/** How far statements came that were run in one go. */
export interface Ran {
  /** How many were done. */
  readonly done: number;
  /** Why the next one was refused; absent where it was not, though it may be left to `query`. */
  readonly failure?: unknown;
}

/** What the protocol says about a connection between two statements. */
export type Standing = "idle" | "transaction" | "failed" | "lost";

/**
 * One open connection. Statements are taken one after the other, in the order of the calls. What `queryNow` reads can be read as of one
 * moment (`Read`) where that saves something, by statements that only look (`Driver.looks`).
 */
export interface Connection extends Read {
  /** The client library's own object. */
  readonly raw: unknown;
  /** From the protocol's last answer; asks nobody. */
  readonly standing: Standing;
  /** Whether a statement is under way or waiting. */
  readonly busy: boolean;
  /** What it shares with other connections so that one's statements wait for the other's: a thread. */
  readonly shares?: unknown;
  /** Whether the server takes no writes, where it said so by itself; otherwise `Dialect.readOnlyProbe` asks it. */
  readonly standby?: boolean | undefined;
  /** Runs one statement (or several in one string, where the dialect's protocol takes that and there are no values). */
  query(statement: Statement): Promise<Result>;
  /**
   * Runs one statement as `query` does, but here and now, where the client works in this thread; `undefined`, and nothing done,
   * where something is before it or it would have to wait for a lock. Absent where the client never can.
   *
   * @throws what `query` would reject with
   */
  queryNow?(statement: Statement): Result | undefined;
  /**
   * Runs a statement that has nothing to do with those before and after it, in a pipeline with them: it is sent in the
   * same turn, its failure touches no other, and one that comes again is kept prepared. Only between transactions, for
   * one statement that leaves nothing in the session. Absent where the client or the protocol has no such thing. Never throws;
   * whoever asked is told rather than given a promise, which he would only make another one of.
   */
  queryAlone?(statement: Statement, asker: Asker): void;
  /**
   * Runs statements without values one after the other, here and now, up to the first that fails: for many of which nobody
   * wants the rows, where the way of each costs more than its work. `undefined`, and nothing done, where the connection can't
   * at this moment; absent where it never can. Only in a transaction.
   */
  runAll?(texts: readonly string[]): Ran | undefined;
  /** Milliseconds that an answer took which needed hardly any work, where one is known. */
  readonly roundTrip?: number | undefined;
  /**
   * Has `text` (a `begin` or a `savepoint`) sent right in front of the next statement instead of now, so that it costs no
   * round trip; the server runs that statement only where this one succeeded. Absent where the protocol has no such thing.
   */
  lead?(text: string): void;
  /** Takes back what the last `lead` asked for, where it has not been sent yet: `true` then. */
  dropLead?(): boolean;
  /** Rows as the server hands them out, at most `batch` at a time in memory. Ends the server's cursor when left early. */
  stream(statement: Statement, batch: number): AsyncIterableIterator<Record<string, unknown>[]>;
  /**
   * Leaves `raw` to somebody who uses it as the client library's own documentation says, until the function that is
   * returned is called. What is sent then counts as a statement of this connection for `reset`, `close` and `onLost`. Only
   * while nothing is under way, before and after. Absent where `raw` is always as the client library has it.
   */
  expose?(): () => void;
  /** Asks the server to stop the statement under way, over a connection of its own; settles when that was delivered. */
  cancel(): Promise<void>;
  /** Milliseconds for which the answer to a cancelled statement is awaited before the connection is given up. @default 10,000 */
  readonly patience?: number | undefined;
  /** A round trip that proves the server is there. */
  ping(): Promise<void>;
  /** Makes the session fit for the next holder; see `Reset`. `true` where what was needed has been sent already (or nothing was). */
  reset(level: Reset): boolean | Promise<boolean>;
  /**
   * Ends it, politely if possible, and settles when the server has closed it or `patience` has passed. Never rejects.
   *
   * @param patience milliseconds; 0 for a server that has been waited for already. @default the connect timeout
   */
  close(patience?: number): Promise<void>;
  /**
   * Calls `lost` at most once, when the connection dies by itself or a failure makes it unfit. Where that is a
   * `DatabaseError`, it is the `cause` of what `lost` is told.
   */
  onLost(lost: (cause: Error) => void): void;
}

/**
 * How much of a session is cleared as it is given back: `"none"` only ends an open transaction; `"transaction"`
 * also clears what was recognised (`SET`, `LISTEN`, temporary tables, session locks); `"full"` clears all.
 */
export type Reset = "full" | "transaction" | "none";
