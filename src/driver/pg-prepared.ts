import { createHash } from "node:crypto";
import { LastUsed, type Used } from "../base/last-used.ts";
import { asRow, type Statement } from "./driver.ts";
import type { PgField, PgModule } from "./pg-client.ts";
import { readerOf, type ValueReader } from "./pg-values.ts";

/** How many statements a connection keeps prepared; the server holds a plan for each. */
const MOST = 256;
/** Bytes of the two numbers in a row's message. */
const COUNT = 2;
const LENGTH = 4;

type Parser = (text: string) => unknown;

/** A row's values as they came, made into an object, or into an array that passes for one (`asRow`). */
export type RowMaker = (values: readonly (string | null)[]) => Record<string, unknown>;

/** A statement that the server keeps prepared under a name. */
export class Prepared implements Used {
  /**
   * Made from the text alone. Where several clients share a server's connection (PgBouncer), one name then means one text,
   * whoever prepared it.
   */
  readonly name: string;
  readonly text: string;
  /** The columns, once the server has described them; it refuses to go on when they change. */
  fields: readonly PgField[] | undefined;
  readonly #shapes = new Map<string, Shape>();
  usedAt = 0;

  constructor(text: string) {
    this.text = text;
    this.name = `apocryphan_${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
  }

  /** What its rows look like in the form that `statement` asks for; `undefined` where that is not known yet. */
  shape({ rows, times }: Statement, types: PgModule["types"]): Shape | undefined {
    if (this.fields === undefined) return undefined;
    const form = rows === undefined && times === undefined ? "" : `${rows},${times}`;
    let shape = this.#shapes.get(form);
    if (shape === undefined) {
      shape = shapeOf(this.fields, types, rows === "arrays");
      this.#shapes.set(form, shape);
    }
    return shape;
  }
}

/** What a statement's rows look like. */
export interface Shape {
  readonly columns: readonly string[];
  /** Makes a row of the texts of its values. */
  readonly row: RowMaker;
  /** Makes a row of a message: how many values, and for each its length in bytes (-1: null) and itself. */
  read(bytes: Buffer, at: number): Record<string, unknown>;
}

/** Reads a row description. */
export function shapeOf(fields: readonly PgField[], types: PgModule["types"], arrays: boolean): Shape {
  const columns = fields.map(({ name }) => name);
  const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID));
  const readers = fields.map(({ dataTypeID }, i) => readerOf(dataTypeID, parsers[i] as Parser));
  if (arrays) {
    const parsed = (value: string | null, i: number): unknown =>
      value === null ? null : (parsers[i] as Parser)(value);
    return {
      columns,
      row: (values) => asRow(values.map(parsed)),
      read(bytes, at) {
        const row: unknown[] = new Array(columns.length);
        let from = at + COUNT;
        for (let i = 0; i < readers.length; i++) {
          const length = bytes.readInt32BE(from);
          from += LENGTH;
          row[i] = length < 0 ? null : (readers[i] as ValueReader)(bytes, from, from + length);
          if (length > 0) from += length;
        }
        return asRow(row);
      },
    };
  }
  // An object whose columns stand in their order from the start; that of the last column of a name counts, as in `pg`.
  const blank: Record<string, unknown> = {};
  for (const name of columns) blank[name] = null;
  return {
    columns,
    row(values) {
      const row = { ...blank };
      for (let i = 0; i < columns.length; i++) {
        const value = values[i] as string | null;
        row[columns[i] as string] = value === null ? null : (parsers[i] as Parser)(value);
      }
      return row;
    },
    read(bytes, at) {
      const row = { ...blank };
      let from = at + COUNT;
      for (let i = 0; i < readers.length; i++) {
        const length = bytes.readInt32BE(from);
        from += LENGTH;
        row[columns[i] as string] =
          length < 0 ? null : (readers[i] as ValueReader)(bytes, from, from + length);
        if (length > 0) from += length;
      }
      return row;
    },
  };
}

/** The statements that one connection keeps prepared, those used last. */
export class PreparedStatements {
  readonly #kept = new LastUsed<Prepared>(MOST);

  /** The statement of that text, where it is prepared or being prepared. */
  find(text: string): Prepared | undefined {
    return this.#kept.find(text);
  }

  /** Notes that `text` is being prepared. Where there is no room, `evicted` gets what the server may forget. */
  add(text: string, evicted: (prepared: Prepared) => void): Prepared {
    const prepared = new Prepared(text);
    const oldest = this.#kept.add(text, prepared);
    if (oldest !== undefined) evicted(oldest);
    return prepared;
  }

  /** Forgets one. `false` where it was forgotten before. */
  drop(prepared: Prepared): boolean {
    return this.#kept.drop(prepared.text, prepared);
  }

  /** Forgets all of them, and gives them. */
  clear(): readonly Prepared[] {
    return this.#kept.clear();
  }
}
