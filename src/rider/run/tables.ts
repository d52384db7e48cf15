import type { DialectName } from "../../dialect/dialect.ts";
import { quoteTable, type Session } from "./session.ts";

/** The names of Rider's two tables, as the configuration has them. */
export interface TableNames {
  readonly tableName: string;
  readonly logName: string;
}

/** A column, and how each database declares it; those that are not named do without it. */
type Column = readonly [name: string, type: string | Partial<Record<DialectName, string>>];

function typeOf([, type]: Column, dialect: DialectName): string | undefined {
  return typeof type === "string" ? type : type[dialect];
}

/**
 * The first columns of both tables are those of the Python Rider, so that its databases are carried on. What follows may be
 * null: it is added to a table that was made without it.
 *
 * `timestamp` is spelt out for MySQL, where the bare word can mean "set this anew whenever the row changes":
 * https://dev.mysql.com/doc/refman/8.4/en/timestamp-initialization.html
 */
const TIMESTAMP: Column[1] = {
  postgresql: "timestamp",
  sqlite: "timestamp",
  mysql: "timestamp null default null",
};

const MIGRATIONS: readonly Column[] = [
  ["migration", "varchar(256) primary key not null"],
  ["applied_at", TIMESTAMP],
  ["checksum", "varchar(64)"],
  ["depends", "text"],
  // What MySQL's `timestamp` leaves out of the moment: without it, nothing would tell which of two runs in one second came last.
  ["applied_ms", { mysql: "smallint" }],
];

const LOGS: readonly Column[] = [
  ["id", "varchar(256) primary key not null"],
  ["migration", "varchar(256) not null"],
  ["operation", "varchar(56) not null"],
  ["username", "varchar(128)"],
  ["hostname", "varchar(128)"],
  ["time", TIMESTAMP],
  ["duration_ms", "bigint"],
  ["version", "varchar(56)"],
  ["direction", "varchar(56)"],
  ["step", "integer"],
  ["statement", "integer"],
  ["fingerprint", "varchar(64)"],
  ["state", "varchar(56)"],
  ["detail", { postgresql: "text", sqlite: "text", mysql: "mediumtext" }],
];

/** Which columns each of the two tables has; empty where there is no such table. */
export interface Present {
  readonly migrations: ReadonlySet<string>;
  readonly logs: ReadonlySet<string>;
}

/** Looks at what is there. Writes nothing. */
export async function presentColumns(
  session: Session,
  dialect: DialectName,
  names: TableNames,
): Promise<Present> {
  const one = async (table: string): Promise<Set<string>> => {
    const rows = await session.select<{ name: string }>(COLUMNS[dialect](table));
    return new Set(rows.map((row) => row.name.toLowerCase()));
  };
  return { migrations: await one(names.tableName), logs: await one(names.logName) };
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const COLUMNS: Readonly<Record<DialectName, (table: string) => string>> = {
  // to_regclass follows the search path and gives null where there is nothing.
  postgresql: (table) =>
    `select attname as name from pg_attribute where attrelid = to_regclass(${text(quoteTable("postgresql", table))})
      and attnum > 0 and not attisdropped`,
  mysql: (table) => {
    const parts = table.split(".");
    const schema = parts.length > 1 ? text(parts[0] ?? "") : "database()";
    return `select column_name as name from information_schema.columns
      where table_schema = ${schema} and table_name = ${text(parts.at(-1) ?? "")}`;
  },
  sqlite: (table) => {
    const parts = table.split(".");
    const schema = parts.length > 1 ? `, ${text(parts[0] ?? "")}` : "";
    return `select name from pragma_table_info(${text(parts.at(-1) ?? "")}${schema})`;
  },
};

/** Whether nothing is left to do for `makeTables`. */
export function complete(present: Present, dialect: DialectName): boolean {
  return (
    missing(present.migrations, MIGRATIONS, dialect).length === 0 &&
    missing(present.logs, LOGS, dialect).length === 0
  );
}

function missing(
  present: ReadonlySet<string>,
  columns: readonly Column[],
  dialect: DialectName,
): readonly Column[] {
  return columns.filter((column) => typeOf(column, dialect) !== undefined && !present.has(column[0]));
}

/** Makes the two tables, or adds what they lack. Only under the lock: two sessions that create one table at once can fail on each other. */
export async function makeTables(
  session: Session,
  dialect: DialectName,
  names: TableNames,
  present: Present,
): Promise<void> {
  const declared = (column: Column): string => `${column[0]} ${typeOf(column, dialect)}`;
  const make = async (table: string, has: ReadonlySet<string>, columns: readonly Column[]): Promise<void> => {
    const quoted = quoteTable(dialect, table);
    const lacking = missing(has, columns, dialect);
    if (has.size === 0) {
      await session.sql(`create table ${quoted} (\n  ${lacking.map(declared).join(",\n  ")}\n)`);
      return;
    }
    for (const column of lacking) {
      await session.sql(`alter table ${quoted} add column ${declared(column)}`);
    }
  };
  await session.atomic(async () => {
    await make(names.tableName, present.migrations, MIGRATIONS);
    await make(names.logName, present.logs, LOGS);
  });
}
