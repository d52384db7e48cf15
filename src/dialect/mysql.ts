import type { Begin, Dialect, FailureCode } from "./dialect.ts";
import { type Failure, type FailureKind, failure, isNetworkCode } from "./failure.ts";
import { type LiteralForms, literal, quoted } from "./literal.ts";

/**
 * Kinds by error number: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
 * https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const NUMBERS: Record<number, FailureKind> = {
  1062: "unique",
  1586: "unique",
  1216: "foreignKey",
  1217: "foreignKey",
  1451: "foreignKey",
  1452: "foreignKey",
  1048: "notNull",
  1364: "notNull",
  3819: "check",
  4025: "check",
  1213: "deadlock",
  1020: "serialization",
  1205: "lockTimeout",
  3572: "lockTimeout",
  1317: "cancelled",
  3024: "timeout",
  1969: "timeout",
  1290: "readOnly",
  1836: "readOnly",
  1040: "tooManyConnections",
  1203: "tooManyConnections",
  1226: "tooManyConnections",
  1044: "permission",
  1142: "permission",
  1143: "permission",
  1227: "permission",
  1045: "authentication",
  1698: "authentication",
  1049: "noDatabase",
  1053: "shutdown",
  1927: "shutdown",
  4031: "shutdown",
  1064: "syntax",
  1146: "missing",
  1054: "missing",
  1051: "missing",
  1305: "missing",
  1264: "data",
  1265: "data",
  1292: "data",
  1366: "data",
  1406: "data",
  1114: "full",
  1021: "full",
  1835: "protocol",
  1156: "protocol",
  1158: "lost",
  1159: "lost",
  1160: "lost",
  1161: "lost",
  2006: "lost",
  2013: "lost",
};

/** What the client libraries call a connection that is gone. */
const LOST = new Set(["PROTOCOL_CONNECTION_LOST", "ER_SOCKET_UNEXPECTED_CLOSE", "ER_CMD_CONNECTION_CLOSED"]);

function classify({ errno, name, option }: FailureCode): Failure {
  if (name !== undefined && (LOST.has(name) || isNetworkCode(name))) return failure("lost");
  // 1290 names the option that forbids the statement; `secure-file-priv` and others say nothing about the server's role.
  if (errno === 1290 && option !== undefined && !/read[-_]only/.test(option)) return failure("permission");
  // The transaction was begun as one that only reads, which says nothing about the server.
  if (errno === 1792) return failure("readOnly", { connection: "keep", host: "keep" });
  return failure((errno !== undefined && NUMBERS[errno]) || "other");
}

/**
 * The level is set for the next transaction alone, by a statement before it:
 * https://dev.mysql.com/doc/refman/8.4/en/set-transaction.html
 */
function begin({ isolation, readOnly }: Begin): readonly string[] {
  const start = readOnly ? "start transaction read only" : "begin";
  return isolation ? [`set transaction isolation level ${isolation}`, start] : [start];
}

const forms: LiteralForms = {
  // https://dev.mysql.com/doc/refman/8.4/en/string-literals.html
  text: (s) => `'${s.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
  bytes: (hex) => `x'${hex}'`,
  boolean: String,
  date: (d) => `'${d.toISOString().replace("T", " ").replace("Z", "")}'`,
};

/** MySQL and MariaDB. */
export const mysql: Dialect = {
  name: "mysql",
  title: "MySQL",
  port: 3306,
  // https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
  traits: { transactionalDdl: false },
  lexicon: {
    quotes: `'"\``,
    backslashQuotes: `'"`,
    escapeStrings: false,
    dollarQuotes: false,
    brackets: false,
    hashComments: true,
    nestedComments: false,
    // https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-comments.html
    dashNeedsSpace: true,
  },
  placeholder: () => "?",
  quoteIdentifier: (name) => quoted(name, "`"),
  literal: (value) => literal(value, forms),
  begin,
  classify,
  // https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_read_only; the second is what
  // readers of a shared storage set: https://dev.mysql.com/doc/refman/8.4/en/innodb-read-only-instance.html
  readOnlyProbe: "select @@global.read_only, @@global.innodb_read_only",
};
