import type { Failure } from "./failure.ts";
import type { Lexicon } from "./scan.ts";

/** The databases this library speaks to. MariaDB counts as `"mysql"`. */
export type DialectName = "postgresql" | "mysql" | "sqlite";

/** Isolation levels by the SQL standard's names. */
export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable";

/** How a transaction is to begin. */
export interface Begin {
  readonly isolation?: Isolation | undefined;
  readonly readOnly?: boolean | undefined;
}

/**
 * What is known about a database without asking it: facts and SQL text, no connection in sight. To add a database,
 * write one of these and a driver (`driver/driver.ts`), and bind them in `database/`.
 */
export interface Dialect {
  readonly name: DialectName;
  /** As people write it: `"PostgreSQL"`. */
  readonly title: string;
  /** The port it listens on where none is given; 0 for a database without one. */
  readonly port: number;
  readonly traits: Traits;
  /** Where strings, comments and quoted names begin and end. */
  readonly lexicon: Lexicon;
  /** The placeholder of the `n`th value, counted from 1. */
  placeholder(n: number): string;
  /** A name in this dialect's quotes. Throws `OptionError` for one that no quotes can hold. */
  quoteIdentifier(name: string): string;
  /** A value as people would write it in a statement. For reading, never for sending. */
  literal(value: unknown): string;
  /** The statements that begin a transaction. */
  begin(how: Begin): readonly string[];
  /** What kind of failure a code stands for, and what it means for the connection. */
  classify(code: FailureCode): Failure;
  /** A query whose one row says, in any of its columns, that the server takes no writes. Absent where there is no server. */
  readonly readOnlyProbe?: string;
}

/** How databases name a failure: SQLSTATE, a number, a name. Whatever the driver gave. */
export interface FailureCode {
  readonly sqlState?: string | undefined;
  readonly errno?: number | undefined;
  readonly name?: string | undefined;
  /** The server's own option that the failure names as its reason, such as MySQL's `read-only`. */
  readonly option?: string | undefined;
}

/** Facts that decide what can be promised. */
export interface Traits {
  /** Whether `create table` and its like can be rolled back. */
  readonly transactionalDdl: boolean;
}
