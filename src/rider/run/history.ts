import { randomUUID } from "node:crypto";
import type { DialectName } from "../../dialect/dialect.ts";
import { RiderError } from "../model/errors.ts";
import { type AppliedRow, EMPTY_HISTORY, type History, type JournalEntry } from "../model/history.ts";
import type { Direction } from "../model/migration.ts";
import { dialectOf, quoteTable, type Session } from "./session.ts";
import { words } from "./stopped.ts";
import { complete, makeTables, type Present, presentColumns, type TableNames } from "./tables.ts";
import type { Who } from "./who.ts";

/** Rows written by one statement, below each database's limit of values. */
const BATCH = 500;

/** Whether two looks at the past have seen the same, so that what was decided on the first holds for the second. */
export function samePast(one: Past, other: Past): boolean {
  const text = ({ applied, journal, calls }: Past): string => JSON.stringify([applied, journal, calls]);
  return text(one) === text(other);
}

/** What the log says was done. `"statement"` rows are the journal of a migration under way and go when it ends. */
export type Operation = "apply" | "rollback" | "mark" | "unmark" | "failure" | "statement";

/** One row for the log. Who, where and when is added. */
export interface LogEntry {
  readonly migration: string;
  readonly operation: Operation;
  readonly direction?: Direction | undefined;
  readonly durationMs?: number | undefined;
  readonly detail?: string | undefined;
}

/** A migration to be recorded as applied. */
export interface AppliedRecord {
  readonly id: string;
  readonly checksum: string | null;
  readonly depends: readonly string[] | null;
}

/** A journal row as it stands in the log, with what Rider noted beside it. */
export interface JournalRow extends JournalEntry {
  /** The key of its row. */
  readonly key: string;
  readonly detail: string | null;
}

/** What a statement of a function step gave, by its position among those the function has sent. */
export interface Call {
  readonly migration: string;
  readonly direction: Direction;
  readonly step: number;
  readonly statement: number;
  readonly detail: string | null;
}

/** The past, with what only the run itself needs to know of it. */
export interface Past extends History {
  readonly journal: readonly JournalRow[];
  readonly calls: readonly Call[];
  /** Whether both tables are there, with every column. */
  readonly complete: boolean;
}

/** Rider's two tables: reading them, and writing to them on one connection. It keeps nothing in memory. */
export class Ledger {
  readonly #session: Session;
  readonly #dialect: DialectName;
  readonly #names: TableNames;
  readonly #who: Who;
  readonly #version: string;
  readonly #migrations: string;
  readonly #logs: string;

  constructor(session: Session, dialect: DialectName, names: TableNames, who: Who, version: string) {
    this.#session = session;
    this.#dialect = dialect;
    this.#names = names;
    this.#who = who;
    this.#version = version;
    this.#migrations = quoteTable(dialect, names.tableName);
    this.#logs = quoteTable(dialect, names.logName);
  }

  /** The same tables, on another connection. */
  on(session: Session): Ledger {
    return new Ledger(session, this.#dialect, this.#names, this.#who, this.#version);
  }

  /** Makes the tables where they are missing. Only under the lock. @throws RiderError where they can't be made */
  async init(): Promise<void> {
    const present = await presentColumns(this.#session, this.#dialect, this.#names);
    if (complete(present, this.#dialect)) return;
    try {
      await makeTables(this.#session, this.#dialect, this.#names, present);
    } catch (cause) {
      const { tableName, logName } = this.#names;
      throw new RiderError(
        `Rider can't make its tables ${tableName} and ${logName}, in which it records what it does. ${words(cause)} Nothing was run. Let this user create tables there, or have them made by one who may.`,
        { cause },
      );
    }
  }

  /** What was done so far. Writes nothing; a database without the tables has no history. */
  async read(): Promise<Past> {
    const present = await presentColumns(this.#session, this.#dialect, this.#names);
    return {
      applied: present.migrations.size === 0 ? EMPTY_HISTORY.applied : await this.#applied(present),
      ...(present.logs.has("state") ? await this.#journal() : { journal: [], calls: [] }),
      complete: complete(present, this.#dialect),
    };
  }

  async #applied(present: Present): Promise<AppliedRow[]> {
    const extra = ["checksum", "depends", "applied_ms"].filter((name) => present.migrations.has(name));
    const rows = await this.#session.select<{
      migration: string;
      at: unknown;
      checksum?: string;
      depends?: string;
      applied_ms?: number | null;
    }>(
      `select ${["migration", `${EPOCH[this.#dialect]} as at`, ...extra].join(", ")} from ${this.#migrations}`,
    );
    return rows.map((row) => ({
      id: row.migration,
      appliedAt: toDate(row.at, row.applied_ms),
      checksum: row.checksum ?? null,
      depends: toIds(row.depends),
    }));
  }

  async #journal(): Promise<Pick<Past, "journal" | "calls">> {
    const rows = await this.#session.select<JournalColumns>(
      `select id, migration, direction, step, statement, fingerprint, state, detail from ${this.#logs}
        where operation = 'statement'`,
    );
    const journal: JournalRow[] = [];
    const calls: Call[] = [];
    for (const { id, migration, direction, fingerprint, state, detail, ...at } of rows) {
      const call = { migration, direction, step: Number(at.step), statement: Number(at.statement), detail };
      if (state === "call") calls.push(call);
      else journal.push({ ...call, key: id, fingerprint: fingerprint ?? "", state });
    }
    return { journal, calls };
  }

  /** Records migrations as applied now. They must not be recorded yet. */
  async record(records: readonly AppliedRecord[]): Promise<void> {
    const now = new Date();
    const rest = this.#dialect === "mysql" ? [now.getMilliseconds()] : [];
    await this.#insert(
      this.#migrations,
      ["migration", "applied_at", "checksum", "depends", ...rest.map(() => "applied_ms")],
      records.map(({ id, checksum, depends }) => [
        id,
        now,
        checksum,
        depends === null ? null : JSON.stringify(depends),
        ...rest,
      ]),
    );
  }

  /** Notes what an applied migration's file looks like now, without touching when it was applied. */
  async amend({ id, checksum, depends }: AppliedRecord): Promise<void> {
    const [a, b, c] = [1, 2, 3].map((n) => dialectOf(this.#dialect).placeholder(n));
    // `applied_at` is set to itself: a table made by an old MySQL would set it to now.
    await this.#session.sql(
      `update ${this.#migrations} set applied_at = applied_at, checksum = ${a}, depends = ${b} where migration = ${c}`,
      [checksum, depends === null ? null : JSON.stringify(depends), id],
    );
  }

  /** Takes migrations out of the applied ones. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#deleteWhere(this.#migrations, "", ids);
  }

  async log(entries: readonly LogEntry[]): Promise<void> {
    const now = new Date();
    await this.#insert(
      this.#logs,
      [
        "id",
        "migration",
        "operation",
        "username",
        "hostname",
        "time",
        "duration_ms",
        "version",
        "direction",
        "detail",
      ],
      entries.map((entry) => [
        randomUUID(),
        entry.migration,
        entry.operation,
        this.#who.username,
        this.#who.hostname,
        now,
        entry.durationMs === undefined ? null : Math.round(entry.durationMs),
        this.#version,
        entry.direction ?? null,
        entry.detail ?? null,
      ]),
    );
  }

  /** Writes one line of the journal and gives its key. */
  async note(entry: JournalEntry, detail: string | null = null): Promise<string> {
    const [key = ""] = await this.#write([{ ...entry, detail }]);
    return key;
  }

  /** Writes several lines of the journal at once: all of them, or none. */
  async noteAll(
    entries: readonly (JournalEntry & { readonly detail?: string | null | undefined })[],
  ): Promise<void> {
    const lines = entries.map((entry) => ({ ...entry, detail: entry.detail ?? null }));
    await this.#session.atomic(() => this.#write(lines));
  }

  /** Writes what statements of a function step gave, so that a later run can give the same. */
  async noteCalls(calls: readonly Call[]): Promise<void> {
    await this.#write(calls.map((call) => ({ ...call, fingerprint: "", state: "call" })));
  }

  async #write(
    lines: readonly (Call & { readonly fingerprint: string; readonly state: string })[],
  ): Promise<string[]> {
    const now = new Date();
    const rows = lines.map((line) => [
      randomUUID(),
      line.migration,
      "statement",
      this.#who.username,
      this.#who.hostname,
      now,
      this.#version,
      line.direction,
      line.step,
      line.statement,
      line.fingerprint,
      line.state,
      line.detail,
    ]);
    await this.#insert(this.#logs, JOURNAL_COLUMNS, rows);
    return rows.map(([key]) => String(key));
  }

  /** Changes a line of the journal. */
  async renote(key: string, state: JournalEntry["state"], detail: string | null = null): Promise<void> {
    const [a, b, c] = [1, 2, 3].map((n) => dialectOf(this.#dialect).placeholder(n));
    await this.#session.sql(
      `update ${this.#logs} set ${quoteTable(this.#dialect, "time")} = ${quoteTable(this.#dialect, "time")}, state = ${a}, detail = ${b} where id = ${c}`,
      [state, detail, key],
    );
  }

  /** Takes a line of the journal back: it did not happen. */
  async unnote(key: string): Promise<void> {
    await this.#session.sql(
      `delete from ${this.#logs} where id = ${dialectOf(this.#dialect).placeholder(1)}`,
      [key],
    );
  }

  /** Ends the journal of migrations that are finished. */
  async closeJournal(ids: readonly string[]): Promise<void> {
    await this.#deleteWhere(this.#logs, "operation = 'statement' and ", ids);
  }

  async #deleteWhere(table: string, condition: string, ids: readonly string[]): Promise<void> {
    const { placeholder } = dialectOf(this.#dialect);
    for (let from = 0; from < ids.length; from += BATCH) {
      const some = ids.slice(from, from + BATCH);
      await this.#session.sql(
        `delete from ${table} where ${condition}migration in (${some.map((_, i) => placeholder(i + 1)).join(", ")})`,
        some,
      );
    }
  }

  async #insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<void> {
    const names = columns.map((name) => dialectOf(this.#dialect).quoteIdentifier(name)).join(", ");
    for (let from = 0; from < rows.length; from += BATCH) {
      const { text, values } = TUPLES[this.#dialect](columns.length, rows.slice(from, from + BATCH));
      await this.#session.sql(`insert into ${table} (${names}) ${text}`, values);
    }
  }
}

const JOURNAL_COLUMNS = [
  "id",
  "migration",
  "operation",
  "username",
  "hostname",
  "time",
  "version",
  "direction",
  "step",
  "statement",
  "fingerprint",
  "state",
  "detail",
];

interface JournalColumns {
  readonly id: string;
  readonly migration: string;
  readonly direction: Direction;
  readonly step: unknown;
  readonly statement: unknown;
  readonly fingerprint: string | null;
  readonly state: JournalEntry["state"] | "call";
  readonly detail: string | null;
}

/**
 * A moment in UTC, whatever the time zones of the session, the server and this process are. MySQL's type `timestamp` is a
 * moment and is handed one; the others' is a date and a time of day, which are written in UTC.
 */
function moment(dialect: DialectName, date: Date): string | number {
  return dialect === "mysql"
    ? Math.floor(date.getTime() / 1000)
    : date.toISOString().replace("T", " ").replace("Z", "");
}

const MOMENT: Readonly<Record<Exclude<DialectName, "sqlite">, (placeholder: string) => string>> = {
  postgresql: (placeholder) => `cast(${placeholder} as timestamp)`,
  mysql: (placeholder) => `from_unixtime(${placeholder})`,
};

/** What stands behind the columns of an `insert`, with its values. */
type Tuples = (
  columns: number,
  rows: readonly (readonly unknown[])[],
) => { readonly text: string; readonly values: readonly unknown[] };

const TUPLES: Readonly<Record<DialectName, Tuples>> = {
  postgresql: (_, rows) => placeholders("postgresql", rows),
  mysql: (_, rows) => placeholders("mysql", rows),
  // One short statement for however many rows: compiling a long one costs SQLite more than all the rest. https://www.sqlite.org/json1.html#jeach
  sqlite(columns, rows) {
    const [first = []] = rows;
    const same = Array.from({ length: columns }, (_, i) => rows.every((row) => row[i] === first[i]));
    // What is in all rows the same (who, where, when) is said once, and not taken out of each again.
    const own = [...same.keys()].filter((i) => !same[i]);
    const items = same.map((known, i) => (known ? "?" : `json_extract(value, '$[${own.indexOf(i)}]')`));
    const packed = rows.map((row) => own.map((i) => inSqlite(row[i])));
    return {
      text: `select ${items.join(", ")} from json_each(?)`,
      values: [...first.filter((_, i) => same[i]).map(inSqlite), JSON.stringify(packed)],
    };
  },
};

function inSqlite(value: unknown): unknown {
  return value instanceof Date ? moment("sqlite", value) : value;
}

function placeholders(
  dialect: Exclude<DialectName, "sqlite">,
  rows: readonly (readonly unknown[])[],
): ReturnType<Tuples> {
  const { placeholder } = dialectOf(dialect);
  const values: unknown[] = [];
  const tuples = rows.map((row) => {
    const items = row.map((value) => {
      values.push(value instanceof Date ? moment(dialect, value) : value);
      const name = placeholder(values.length);
      return value instanceof Date ? MOMENT[dialect](name) : name;
    });
    return `(${items.join(", ")})`;
  });
  return { text: `values ${tuples.join(", ")}`, values };
}

/** The other way round: seconds since 1970, or the text. */
const EPOCH: Readonly<Record<DialectName, string>> = {
  postgresql: "cast(extract(epoch from applied_at) as float8)",
  mysql: "unix_timestamp(applied_at)",
  sqlite: "applied_at",
};

function toDate(value: unknown, ms: number | null = 0): Date | null {
  if (value === null || value === undefined) return null;
  const seconds = Number(value);
  const date = Number.isFinite(seconds)
    ? new Date(seconds * 1000 + Number(ms))
    : new Date(`${String(value).trim().replace(" ", "T").replace(/Z$/, "")}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

function toIds(value: string | null | undefined): readonly string[] | null {
  if (typeof value !== "string") return null;
  try {
    const ids: unknown = JSON.parse(value);
    return Array.isArray(ids) && ids.every((id) => typeof id === "string") ? ids : null;
  } catch {
    return null;
  }
}
