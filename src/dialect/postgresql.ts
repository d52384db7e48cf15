import type { Begin, Dialect, FailureCode } from "./dialect.ts";
import { type Failure, type FailureKind, failure, isNetworkCode } from "./failure.ts";
import { type LiteralForms, literal, quoted } from "./literal.ts";

/** Kinds by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const STATES: Record<string, FailureKind> = {
  "23505": "unique",
  "23503": "foreignKey",
  "23502": "notNull",
  "23514": "check",
  "23P01": "exclusion",
  "40001": "serialization",
  "40P01": "deadlock",
  "55P03": "lockTimeout",
  "57014": "cancelled",
  "25P02": "aborted",
  "25006": "readOnly",
  "25P03": "shutdown",
  "25P04": "shutdown",
  "53300": "tooManyConnections",
  "53100": "full",
  "28P01": "authentication",
  "28000": "authentication",
  "3D000": "noDatabase",
  "57P01": "shutdown",
  "57P02": "shutdown",
  "57P03": "starting",
  "57P04": "shutdown",
  "57P05": "shutdown",
  "42501": "permission",
  "42601": "syntax",
  "42P01": "missing",
  "42703": "missing",
  "42883": "missing",
  "3F000": "missing",
};

/** Kinds by SQLSTATE class, where the state itself is not listed. */
const CLASSES: Record<string, FailureKind> = { "08": "lost", "22": "data", XX: "corrupt", "42": "syntax" };

function classify({ sqlState, name }: FailureCode): Failure {
  if (sqlState === undefined) return failure(isNetworkCode(name) ? "lost" : "other");
  const kind = STATES[sqlState] ?? CLASSES[sqlState.slice(0, 2)] ?? "other";
  // 08P01 is a protocol violation: what is read next from such a connection can't be trusted.
  if (sqlState === "08P01") return failure("protocol");
  // An internal error (XX000) is the server's own mistake in one statement; the session goes on.
  if (sqlState === "XX000") return failure("other");
  return failure(kind);
}

/**
 * A failed `begin` leaves nothing behind, so one statement does it:
 * https://www.postgresql.org/docs/current/sql-begin.html
 */
function begin({ isolation, readOnly }: Begin): readonly string[] {
  const modes = [isolation && `isolation level ${isolation}`, readOnly && "read only"].filter(Boolean);
  return [["begin", modes.join(", ")].join(" ").trim()];
}

const forms: LiteralForms = {
  // https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE
  text: (s) =>
    s.includes("\\")
      ? `E'${s.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
      : `'${s.replaceAll("'", "''")}'`,
  bytes: (hex) => `'\\x${hex}'::bytea`,
  boolean: String,
  date: (d) => `'${d.toISOString()}'`,
  array: (items) => `array[${items.map((item) => literal(item, forms)).join(", ")}]`,
};

/** PostgreSQL. */
export const postgresql: Dialect = {
  name: "postgresql",
  title: "PostgreSQL",
  port: 5432,
  traits: { transactionalDdl: true },
  lexicon: {
    quotes: `'"`,
    backslashQuotes: "",
    escapeStrings: true,
    dollarQuotes: true,
    brackets: false,
    hashComments: false,
    nestedComments: true,
    dashNeedsSpace: false,
  },
  placeholder: (n) => `$${n}`,
  quoteIdentifier: (name) => quoted(name, '"'),
  literal: (value) => literal(value, forms),
  begin,
  classify,
  // https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-INFO
  readOnlyProbe: "select pg_is_in_recovery()",
};
