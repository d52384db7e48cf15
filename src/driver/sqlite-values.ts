import { narrowed } from "./numbers.ts";
import type { SqliteValue } from "./sqlite-engine.ts";

/** A value as one of SQLite's five types: https://www.sqlite.org/datatype3.html */
export function bindable(value: unknown): SqliteValue {
  switch (typeof value) {
    case "boolean":
      return value ? 1n : 0n;
    case "number":
      // A whole number as an INTEGER; clients would send a REAL, and 5.0 is not 5 where a column has no type.
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case "bigint":
    case "string":
      return value;
  }
  if (value === null || value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value);
}

/** A row as a plain object. */
export function rowOf(columns: readonly string[], values: readonly SqliteValue[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    const value = values[i];
    row[columns[i] as string] = typeof value === "bigint" ? narrowed(value) : value;
  }
  return row;
}
