import { OptionError } from "../base/error.ts";
import type { Dialect, DialectName } from "../dialect/dialect.ts";
import type { Statement } from "../driver/driver.ts";

/** A piece of a fragment: text as it is, a value, a name to be quoted, or another fragment. */
type Piece =
  | { readonly text: string }
  | { readonly value: unknown }
  | { readonly names: readonly string[] }
  | { readonly fragment: Sql };

/**
 * SQL with its values apart, made by the `sql` template. It is for no dialect in particular; a database object turns it
 * into text in its own form when it is sent.
 */
export class Sql {
  readonly #pieces: readonly Piece[];

  /** @internal */
  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** The text and the values as they are sent to a database of this dialect. @internal */
  compile(dialect: Dialect): Statement {
    const values: unknown[] = [];
    let text = "";
    const add = (pieces: readonly Piece[]): void => {
      for (const piece of pieces) {
        if ("text" in piece) text += piece.text;
        else if ("value" in piece) text += dialect.placeholder(values.push(piece.value));
        else if ("names" in piece) text += piece.names.map((name) => dialect.quoteIdentifier(name)).join(".");
        else add(piece.fragment.#pieces);
      }
    };
    add(this.#pieces);
    return { text, values };
  }

  /** The text and values of a template that has only values in it, without making a fragment first. @internal */
  static compileTag(strings: TemplateStringsArray, values: readonly unknown[], dialect: Dialect): Statement {
    if (values.some((value) => value instanceof Sql)) return template(strings, ...values).compile(dialect);
    return { text: tagText(strings, dialect), values };
  }
}

/** The text of a template is the same each time it is come by, so it is put together once for each dialect. */
const tagTexts = new WeakMap<TemplateStringsArray, Partial<Record<DialectName, string>>>();

function tagText(strings: TemplateStringsArray, dialect: Dialect): string {
  let known = tagTexts.get(strings);
  if (known === undefined) {
    known = {};
    tagTexts.set(strings, known);
  }
  known[dialect.name] ??= strings.reduce((text, part, i) => text + dialect.placeholder(i) + part);
  return known[dialect.name] as string;
}

function template(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  const pieces: Piece[] = [];
  strings.forEach((text, i) => {
    if (text !== "") pieces.push({ text });
    if (i < values.length) pieces.push(pieceOf(values[i]));
  });
  return new Sql(pieces);
}

function pieceOf(value: unknown): Piece {
  return value instanceof Sql ? { fragment: value } : { value };
}

/** The `sql` template and its helpers. */
export interface SqlTag {
  /**
   * A fragment of SQL. Values become parameters, never text; fragments are taken in as they are:
   *
   * ```ts
   * const recent = sql`created > ${since}`;
   * await db.select(sql`select * from contacts where ${recent} and id = ${id}`);
   * ```
   */
  (strings: TemplateStringsArray, ...values: unknown[]): Sql;
  /** A name, quoted for the dialect. Several are joined by dots: `sql.identifier("public", "contacts")`. */
  identifier(...names: string[]): Sql;
  /** The items one after the other, each a value or a fragment, with `separator` between them (a comma by default). */
  join(items: Iterable<unknown>, separator?: Sql): Sql;
  /** Text as it is. Never give it anything that comes from outside. */
  raw(text: string): Sql;
}

const comma = new Sql([{ text: ", " }]);

/** See `SqlTag`. */
export const sql: SqlTag = Object.assign(template, {
  identifier(...names: string[]): Sql {
    if (names.length === 0 || names.some((name) => typeof name !== "string")) {
      throw new OptionError("identifier", "sql.identifier takes one or more names as strings.");
    }
    return new Sql([{ names }]);
  },
  join(items: Iterable<unknown>, separator: Sql = comma): Sql {
    if (typeof items !== "object" || items === null || !(Symbol.iterator in items)) {
      throw new OptionError("join", "sql.join takes a list of values or fragments, such as an array.");
    }
    if (!(separator instanceof Sql)) {
      throw new OptionError(
        "join",
        "The separator of sql.join is a fragment, as in sql.join(items, sql` and `).",
      );
    }
    const pieces: Piece[] = [];
    for (const item of items) {
      if (pieces.length > 0) pieces.push({ fragment: separator });
      pieces.push(pieceOf(item));
    }
    if (pieces.length === 0) {
      throw new OptionError(
        "join",
        "sql.join was given no items, and no database takes an empty list. Leave the condition out where there is nothing to list.",
      );
    }
    return new Sql(pieces);
  },
  raw(text: string): Sql {
    if (typeof text !== "string") throw new OptionError("raw", "sql.raw takes a string.");
    return new Sql([{ text }]);
  },
});
