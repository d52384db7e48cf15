import type { Begin, Dialect, FailureCode } from "./dialect.ts";
import { type Failure, type FailureKind, failure } from "./failure.ts";
import { type LiteralForms, literal, quoted } from "./literal.ts";

/** Kinds by (extended) result code: https://www.sqlite.org/rescode.html */
const CODES: Record<number, FailureKind> = {
  2067: "unique",
  1555: "unique",
  2579: "unique",
  787: "foreignKey",
  1299: "notNull",
  275: "check",
  5: "lockTimeout",
  6: "lockTimeout",
  8: "readOnly",
  9: "cancelled",
  3: "permission",
  23: "permission",
  11: "corrupt",
  26: "corrupt",
  13: "full",
  10: "other",
  14: "noDatabase",
  20: "data",
  25: "data",
  18: "data",
};

/** The same by name, for clients that give no number. */
const NAMES: Record<string, number> = {
  SQLITE_CONSTRAINT_UNIQUE: 2067,
  SQLITE_CONSTRAINT_PRIMARYKEY: 1555,
  SQLITE_CONSTRAINT_ROWID: 2579,
  SQLITE_CONSTRAINT_FOREIGNKEY: 787,
  SQLITE_CONSTRAINT_NOTNULL: 1299,
  SQLITE_CONSTRAINT_CHECK: 275,
  SQLITE_BUSY: 5,
  SQLITE_BUSY_SNAPSHOT: 517,
  SQLITE_BUSY_RECOVERY: 261,
  SQLITE_LOCKED: 6,
  SQLITE_READONLY: 8,
  SQLITE_INTERRUPT: 9,
  SQLITE_PERM: 3,
  SQLITE_CORRUPT: 11,
  SQLITE_NOTADB: 26,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_MISMATCH: 20,
  SQLITE_RANGE: 25,
  SQLITE_TOOBIG: 18,
};

/** The number of a result code that was given by name. */
export function sqliteCode(name: string): number | undefined {
  return NAMES[name];
}

function classify({ errno }: FailureCode): Failure {
  if (errno === undefined) return failure("other");
  // SQLITE_BUSY_SNAPSHOT: what the transaction has read is old; only a new transaction can go on.
  if (errno === 517) return failure("serialization");
  const kind = CODES[errno] ?? CODES[errno & 0xff] ?? "other";
  // A read-only file is a fact about the file, not about this connection or a host.
  return kind === "readOnly" ? failure(kind, { connection: "keep", host: "keep" }) : failure(kind);
}

/**
 * A transaction that may write takes its place at the start: one that reads first and writes later fails at once when
 * another wrote in between, and waiting can't help it (https://www.sqlite.org/lang_transaction.html). SQLite's
 * transactions are serializable, which every other level is satisfied with (https://www.sqlite.org/isolation.html).
 */
function begin({ readOnly }: Begin): readonly string[] {
  return [readOnly ? "begin deferred" : "begin immediate"];
}

const forms: LiteralForms = {
  text: (s) => `'${s.replaceAll("'", "''")}'`,
  bytes: (hex) => `x'${hex}'`,
  // SQLite has no boolean type: https://www.sqlite.org/datatype3.html
  boolean: (value) => (value ? "1" : "0"),
  date: (d) => `'${d.toISOString()}'`,
};

/** SQLite. */
export const sqlite: Dialect = {
  name: "sqlite",
  title: "SQLite",
  port: 0,
  traits: { transactionalDdl: true },
  lexicon: {
    quotes: `'"\``,
    backslashQuotes: "",
    escapeStrings: false,
    dollarQuotes: false,
    brackets: true,
    hashComments: false,
    nestedComments: false,
    dashNeedsSpace: false,
  },
  placeholder: () => "?",
  quoteIdentifier: (name) => quoted(name, '"'),
  literal: (value) => literal(value, forms),
  begin,
  classify,
};
