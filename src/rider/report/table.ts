import type { State, StatusRow } from "../plan/status.ts";
import { type Paint, plain, type Tone } from "./style.ts";
import { moment } from "./time.ts";

/** A table as data: the command line draws it with lines, `plainTable` without. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const NOTE: Record<State, { tone: Tone; note: string }> = {
  applied: { tone: "good", note: "" },
  pending: { tone: "dim", note: "pending" },
  edited: { tone: "warn", note: "edited since" },
  missing: { tone: "bad", note: "file is missing" },
  "half-applied": { tone: "bad", note: "half-applied" },
  "half-undone": { tone: "bad", note: "half undone" },
};

/** The table of `rider migrations`: index, id, description, applied at (UTC). */
export function migrationsTable(rows: readonly StatusRow[], paint: Paint = plain): Table {
  return {
    columns: ["index", "id", "description", "applied at"],
    rows: rows.map((row) => {
      const { tone, note } = NOTE[row.state];
      const when = row.appliedAt === null ? "" : moment(row.appliedAt);
      const said = row.state === "applied" && when === "" ? "applied" : note;
      return [
        row.index === null ? "" : String(row.index),
        oneLine(row.id),
        oneLine(firstLine(row.description)),
        paint(tone, [when, when === "" || said === "" ? said : `(${said})`].filter(Boolean).join(" ")),
      ];
    }),
  };
}

/** Any rows, such as a query's: the columns are those of the first row; dates, bytes, objects and `null` as people read them. */
export function rowsTable(rows: readonly Record<string, unknown>[]): Table {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, rows: rows.map((row) => columns.map((column) => oneLine(cell(row[column])))) };
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "object") {
    return JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "bigint" ? String(inner) : inner,
    );
  }
  return String(value);
}

/** Text with columns side by side, for where nothing draws lines. Numbers' columns are not told apart; nothing is cut. */
export function plainTable({ columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    rows.reduce((most, row) => Math.max(most, width(row[i] ?? "")), width(column)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, i) => text + " ".repeat((widths[i] ?? 0) - width(text)))
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((count) => "-".repeat(count)).join("  "), ...rows.map(line)].join("\n");
}

/** How many columns of a terminal a text takes: escape codes and accents take none, East Asian letters and emoji two. */
export function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colour codes begin with one.
  const bare = text.replaceAll(/\u001B\[[0-9;]*m/g, "");
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(bare)) {
    columns +=
      /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return columns;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** Without what would break a line of a table, or move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, "↵").replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "�");
}
