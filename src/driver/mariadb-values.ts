import { OptionError } from "../base/error.ts";
import type { MariadbColumn } from "./mariadb-client.ts";
import { narrowed } from "./numbers.ts";

/** A value as the `mariadb` package sends it without losing a digit. */
export function bindable(value: unknown): unknown {
  if (Array.isArray(value)) {
    throw new OptionError(
      "params",
      "MySQL has no arrays: an array was given as one parameter. Spread it with sql.join, as in sql`… in (${sql.join(ids)})`, or pass JSON.stringify(array) for a JSON column.",
    );
  }
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  // As a whole number rather than as a double, which `limit ?` refuses on some servers.
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** A row as a plain object, with 64-bit numbers as numbers where these are exact. */
export function rowOf(
  columns: readonly MariadbColumn[],
  values: readonly unknown[],
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  columns.forEach((column, i) => {
    const value = values[i];
    row[column.name()] = typeof value === "bigint" ? narrowed(value) : value;
  });
  return row;
}

/** The last insert id; `null` where none was made. */
export function widenedId(id: number | bigint): number | bigint | null {
  return BigInt(id) === 0n ? null : narrowed(BigInt(id));
}
