import { OptionError } from "../base/error.ts";
import { asJson } from "../base/json.ts";
import type { MysqlField, MysqlModule } from "./mysql2-client.ts";
import { exactInteger } from "./numbers.ts";

/** https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const LONGLONG = 8;

const LARGEST_SIGNED = 2n ** 63n - 1n;

export type BoundValue = string | number | boolean | null | Date | Buffer | object;

/** A value as `mysql2` sends it without losing a digit. */
export function bindable(value: unknown, module: MysqlModule): BoundValue {
  if (value === null) return null;
  switch (typeof value) {
    case "bigint":
      return whole(value, module);
    case "number":
      // As a whole number rather than as a double, which `limit ?` refuses.
      return Number.isSafeInteger(value) ? whole(value, module) : value;
    case "string":
    case "boolean":
      return value;
  }
  if (Array.isArray(value)) {
    throw new OptionError(
      "params",
      "MySQL has no arrays: an array was given as one parameter. Spread it with sql.join, as in sql`… in (${sql.join(ids)})`, or pass JSON.stringify(array) for a JSON column.",
    );
  }
  if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return isItsOwn(value as object, module) ? (value as object) : json(value as object);
}

/** Whether the client has a form of its own for an object. */
function isItsOwn(value: object, { TypedParameter }: MysqlModule): boolean {
  if (value instanceof Date || Buffer.isBuffer(value)) return true;
  return typeof TypedParameter === "function" && value instanceof TypedParameter;
}

/**
 * Tried before anything is under way: where an object can't be written, the client throws in the middle of a command, and
 * neither that nor any later one is ever answered. It takes only plain objects for JSON, and gives up the connection over others.
 */
function json(value: object): object {
  asJson(value);
  return value.constructor === Object ? value : { toJSON: () => value };
}

function whole(value: bigint | number, module: MysqlModule): object | string {
  const factory = module.TypedParameter?.BIGINT;
  if (factory === undefined) return String(value);
  return value > LARGEST_SIGNED ? factory.unsigned(value) : factory(value);
}

/** The row with its 64-bit numbers as `bigint` where a `number` would not be exact; the client gives these as strings. */
export function widened(
  row: Record<string, unknown>,
  fields: readonly MysqlField[],
): Record<string, unknown> {
  fields.forEach(({ columnType, name }, i) => {
    if (columnType !== LONGLONG) return;
    const key = Array.isArray(row) ? i : name;
    const value = row[key];
    if (typeof value === "string") row[key] = exactInteger(value);
  });
  return row;
}
