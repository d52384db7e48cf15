import type { DialectName } from "../dialect/dialect.ts";

/** The whole numbers that a database takes; PostgreSQL's `numeric` takes any. */
const LEAST = -(2n ** 63n);
const GREATEST = { mysql: 2n ** 64n - 1n, sqlite: 2n ** 63n - 1n };

/** What is wrong with a value, where something is. */
export function misfit(value: unknown, dialect: DialectName): string | undefined {
  switch (typeof value) {
    case "undefined":
      return "undefined; nothing was sent. Give null for SQL's null.";
    case "function":
    case "symbol":
      return `a ${typeof value}, which no database has a type for; nothing was sent.`;
    case "bigint":
      if (dialect === "postgresql" || (value >= LEAST && value <= GREATEST[dialect])) return undefined;
      return "a bigint of more than 64 bits, which the database has no type for; nothing was sent. Give its digits as text.";
    case "object":
      if (value instanceof ArrayBuffer)
        return "an ArrayBuffer; nothing was sent. Give its bytes as new Uint8Array(…).";
      if (!(value instanceof Date)) return undefined;
      if (Number.isNaN(value.getTime())) return "a Date that is no date; nothing was sent.";
      if (dialect !== "mysql" || isYearOfMysql(value)) return undefined;
      return "a Date outside of the years 0 to 9999, which MySQL has no form for; nothing was sent.";
    default:
      return undefined;
  }
}

/** https://dev.mysql.com/doc/refman/8.4/en/datetime.html; client libraries write a date in some time zone, so a day is left. */
function isYearOfMysql(date: Date): boolean {
  const ms = date.getTime();
  return ms > YEAR_ZERO && ms < YEAR_TEN_THOUSAND;
}

const DAY = 86_400_000;
const YEAR_ZERO = Date.UTC(-1, 11, 31) + DAY;
const YEAR_TEN_THOUSAND = Date.UTC(10_000, 0, 1) - DAY;
