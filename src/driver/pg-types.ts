import { exactInteger } from "./numbers.ts";
import type { PgModule } from "./pg-client.ts";

/** Type numbers from https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const INT8 = 20;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY = 1009;

/** Nested arrays as nested arrays, with `fn` on each element. */
function deeply(value: unknown, fn: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => deeply(item, fn));
  return value === null ? null : fn(String(value));
}

/**
 * What has a class of its own in JavaScript that keeps fewer digits: dates, times, intervals and arrays of them, and
 * arrays of decimals, which `pg` makes doubles of.
 */
const TEXTUAL = new Set([1082, 1114, 1184, 1186, 1182, 1115, 1185, 1187, 1231]);

/** The same as `typeParsers`, with dates and times as the server wrote them. */
export function textualParsers(pg: PgModule): PgModule["types"] {
  const usual = typeParsers(pg);
  return {
    getTypeParser: (oid, format) =>
      TEXTUAL.has(oid) && format !== "binary" ? (text) => text : usual.getTypeParser(oid, format),
  };
}

/** A client's parsers: `typeParsers`, or while `exact` is off `pg`'s own. */
export class ClientParsers {
  exact = true;
  readonly #own: PgModule["types"];
  readonly #exact: PgModule["types"];

  constructor(pg: PgModule) {
    this.#own = pg.types;
    this.#exact = typeParsers(pg);
  }

  getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
    return (this.exact ? this.#exact : this.#own).getTypeParser(oid, format);
  }
}

/** `pg`'s own parsers, except that 64-bit whole numbers come as numbers where these are exact, and decimals in arrays as strings too. */
export function typeParsers(pg: PgModule): PgModule["types"] {
  return {
    getTypeParser(oid, format) {
      const parser = pg.types.getTypeParser(oid, format);
      if (format === "binary") return parser;
      if (oid === INT8) return exactInteger;
      if (oid === INT8_ARRAY) return (text) => deeply(parser(text), exactInteger);
      // `pg` makes doubles of them, which keep fewer digits.
      if (oid === NUMERIC_ARRAY) return pg.types.getTypeParser(TEXT_ARRAY, format);
      return parser;
    },
  };
}
