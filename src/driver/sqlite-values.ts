import { asJson } from "../base/json.ts";
import type { Statement } from "./driver.ts";
import { narrowed } from "./numbers.ts";
import { rowMaker } from "./row-maker.ts";
import type { SqliteValue } from "./sqlite-engine.ts";

/** A parameter as something that can go to another thread; what is a type of SQLite's already stays as it is. */
export type Sendable = SqliteValue | boolean;

/** A value without what only this program understands: https://www.sqlite.org/datatype3.html */
export function sendable(value: unknown): Sendable {
  if (typeof value !== "object") return value as Sendable;
  if (value === null || value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return asJson(value);
}

/** The same for each of a statement's parameters. */
export function allSendable(values: readonly unknown[]): Sendable[] {
  const all: Sendable[] = [];
  for (let i = 0; i < values.length; i++) all.push(sendable(values[i]));
  return all;
}

/** No bytes, in memory that exists: without any, SQLite would take them for null, and so they may come from another thread. */
const NO_BYTES = new Uint8Array(new ArrayBuffer(8), 0, 0);

/** The same as one of SQLite's five types. */
export function bindable(value: Sendable): SqliteValue {
  switch (typeof value) {
    case "boolean":
      return value ? 1n : 0n;
    case "number":
      // A whole number as an INTEGER; clients would send a REAL, and 5.0 is not 5 where a column has no type.
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    default:
      return value instanceof Uint8Array && value.byteLength === 0 ? NO_BYTES : value;
  }
}

/** The same for each of a statement's parameters. */
export function bindAll(values: readonly Sendable[]): SqliteValue[] {
  const all: SqliteValue[] = [];
  for (let i = 0; i < values.length; i++) all.push(bindable(values[i] as Sendable));
  return all;
}

/** The parameters of a statement that stays in this thread. */
export function bound(values: readonly unknown[]): SqliteValue[] {
  // A list that grows costs more than one that is made with what it is to hold.
  if (values.length === 1) return [bindable(sendable(values[0]))];
  const all: SqliteValue[] = [];
  for (let i = 0; i < values.length; i++) all.push(bindable(sendable(values[i])));
  return all;
}

/** Makes numbers of the whole numbers in a row where these are exact, in place. */
export function narrow(row: SqliteValue[]): SqliteValue[] {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "bigint") row[i] = narrowed(value);
  }
  return row;
}

/** Whether rows that were read without `bigint` hold no number that may have lost digits. */
export function areExact(rows: readonly (readonly SqliteValue[])[]): boolean {
  for (let i = 0; i < rows.length; i++) if (!isExact(rows[i] as readonly SqliteValue[])) return false;
  return true;
}

function isExact(row: readonly SqliteValue[]): boolean {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "number" && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)) {
      return false;
    }
  }
  return true;
}

/** The rows of an iterator, each narrowed as it comes. Ends the iterator when left early. */
export function* narrowing(rows: IterableIterator<SqliteValue[]>): IterableIterator<SqliteValue[]> {
  for (const row of rows) yield narrow(row);
}

/** A compiled statement's rows. Most have one value, and to spread even one costs more than all else about the call. */
export function allOf<Rows>(
  statement: { all(...values: SqliteValue[]): Rows },
  values: readonly SqliteValue[],
): Rows {
  const first = values[0];
  return values.length === 1 && first !== undefined ? statement.all(first) : statement.all(...values);
}

/** Rows in the form that the statement asks for; in their own list, since nobody else has it: it was made for this answer. */
export function rowsOf(
  columns: readonly string[],
  values: readonly SqliteValue[][],
  { rows }: Statement,
): Record<string, unknown>[] {
  const made = values as unknown as Record<string, unknown>[];
  if (rows === "arrays") return made;
  const make = rowMaker(columns);
  for (let i = 0; i < values.length; i++) made[i] = make(values[i] as SqliteValue[]);
  return made;
}
