import { OptionError } from "../base/error.ts";
import { asJson } from "../base/json.ts";
import { asRow, type Statement } from "./driver.ts";
import type { MariadbColumn, MariadbOptions, MariadbStatement } from "./mariadb-client.ts";
import { narrowed } from "./numbers.ts";
import { rowMaker } from "./row-maker.ts";

/** From the first up to before the second, the client sends a whole number as one of 32 bits. */
const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/** A value as the `mariadb` package sends it without losing a digit. */
export function bindable(value: unknown): unknown {
  if (Array.isArray(value)) {
    throw new OptionError(
      "params",
      "MySQL has no arrays: an array was given as one parameter. Spread it with sql.join, as in sql`… in (${sql.join(ids)})`, or pass JSON.stringify(array) for a JSON column.",
    );
  }
  if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (typeof value === "object" && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value)) {
    // Written here: where the client can't, it never answers. What may be a shape on a map has a form of its own there.
    const text = asJson(value);
    return "type" in value || "toSqlString" in value ? value : text;
  }
  // As a whole number rather than as a double, which `limit ?` refuses on some servers. The client does so by itself with small ones.
  return typeof value === "number" && Number.isSafeInteger(value) && !(value >= LEAST && value < MOST)
    ? BigInt(value)
    : value;
}

/** A statement's options, if it has any: they cost the client more than all else about the call. */
export function optionsOf({ times }: Statement): MariadbOptions | undefined {
  return times === "text" ? { dateStrings: true } : undefined;
}

/** A statement as the client takes it, without its values. */
export function asked(statement: Statement): string | MariadbStatement {
  const options = optionsOf(statement);
  return options === undefined ? statement.text : { sql: statement.text, ...options };
}

/** The client reads a name anew from the server's bytes each time it is asked; for a prepared statement these are always the same. */
const names = new WeakMap<readonly MariadbColumn[], readonly string[]>();

/** The names of an answer's columns. */
export function namesOf(columns: readonly MariadbColumn[]): readonly string[] {
  let known = names.get(columns);
  if (known === undefined) {
    known = columns.map((column) => column.name());
    names.set(columns, known);
  }
  return known;
}

/**
 * What makes the rows of one answer, in the form that the statement asks for, with 64-bit numbers as numbers where these are exact.
 * Each list of values was made for this answer.
 */
export function makerOf(
  columns: readonly string[],
  { rows }: Statement,
): (values: unknown[]) => Record<string, unknown> {
  const make: (values: unknown[]) => Record<string, unknown> = rows === "arrays" ? asRow : rowMaker(columns);
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "bigint") values[i] = narrowed(value);
    }
    return make(values);
  };
}

/** The last insert id; `null` where none was made. */
export function widenedId(id: number | bigint): number | bigint | null {
  return BigInt(id) === 0n ? null : narrowed(BigInt(id));
}
