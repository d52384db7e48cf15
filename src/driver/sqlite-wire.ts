import type { Answer, Order, OrderFailure } from "./sqlite-desk.ts";
import type { SqliteValue } from "./sqlite-engine.ts";
import type { Rows } from "./sqlite-statements.ts";
import type { Sendable } from "./sqlite-values.ts";

/*
 * How orders and answers travel between threads. All that is issued in one turn is one message, and a message is one flat
 * array: what a structured clone costs is the number of objects and of keys in it, far more than that of plain values.
 */

/** A message: orders or answers, one after the other, each with the number of its desk in front. */
export type Parcel = unknown[];

/** What is asked of the thread beside the orders. */
export type Errand =
  | Order
  | {
      readonly op: "open";
      readonly client: string;
      readonly file: string;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly op: "cancel" }
  | { readonly op: "close" };

/** Texts and result shapes that both ends know by number, so that they travel once. */
const MOST_KNOWN = 1000;
/** A text longer than this is not kept for that. */
const LONGEST_KNOWN = 2000;
/** A blob this large, in bytes, is handed over rather than copied. */
const LARGE = 4096;

/** What an errand is. A number travels faster than a word. */
const OPS = ["run", "cursor", "more", "end", "open", "cancel", "close"] as const satisfies Errand["op"][];
const RUN = 0;
/** A `run` that only looks. */
const LOOK = OPS.length;

const IN_TRANSACTION = 1;
const DONE = 2;
const ROWS = 4;
const FAILURE = 8;

/** One end: puts errands into parcels. */
export class ErrandPacker {
  readonly #texts = new Map<string, number>();
  #parcel: Parcel = [];
  #transfer: ArrayBuffer[] = [];

  add(desk: number, errand: Errand): void {
    const parcel = this.#parcel;
    switch (errand.op) {
      case "run":
        parcel.push(desk, errand.reads ? LOOK : RUN, this.#text(errand.text), errand.patience);
        this.#values(errand.values);
        return;
      case "cursor":
        parcel.push(desk, OPS.indexOf("cursor"), this.#text(errand.text), errand.patience);
        this.#values(errand.values);
        parcel.push(errand.cursor, errand.batch);
        return;
      case "more":
        parcel.push(desk, OPS.indexOf("more"), errand.cursor, errand.batch);
        return;
      case "end":
        parcel.push(desk, OPS.indexOf("end"), errand.cursor);
        return;
      case "open":
        parcel.push(desk, OPS.indexOf("open"), errand.client, errand.file, errand.options);
        return;
      default:
        parcel.push(desk, OPS.indexOf(errand.op));
    }
  }

  /** What was added since the last time, and what of it is to be handed over. */
  take(): { parcel: Parcel; transfer: ArrayBuffer[] } | undefined {
    const parcel = this.#parcel;
    const transfer = this.#transfer;
    if (parcel.length === 0) return undefined;
    this.#parcel = [];
    this.#transfer = [];
    return { parcel, transfer };
  }

  #text(text: string): string | number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST_KNOWN) return text;
    // Both ends forget all of them at the same text, so that those that come again are soon known again.
    if (this.#texts.size === MOST_KNOWN) this.#texts.clear();
    this.#texts.set(text, this.#texts.size);
    return text;
  }

  #values(values: readonly Sendable[]): void {
    this.#parcel.push(values.length);
    for (const value of values)
      this.#parcel.push(value instanceof Uint8Array ? own(value, this.#transfer) : value);
  }
}

/** The worker's end: takes errands out of parcels. */
export class ErrandReader {
  #texts: string[] = [];
  #parcel: Parcel = [];
  #at = 0;

  /** Calls `each` for each errand in a parcel, in their sequence. */
  read(parcel: Parcel, each: (desk: number, errand: Errand) => void): void {
    this.#parcel = parcel;
    this.#at = 0;
    while (this.#at < parcel.length) {
      const desk: number = this.#take();
      each(desk, this.#errand(this.#take()));
    }
    this.#parcel = [];
  }

  #errand(code: number): Errand {
    const op = code === LOOK ? "run" : (OPS[code] as Errand["op"]);
    switch (op) {
      case "run":
        return {
          op,
          text: this.#text(),
          patience: this.#take(),
          values: this.#values(),
          reads: code === LOOK,
        };
      case "cursor":
        return {
          op,
          text: this.#text(),
          patience: this.#take(),
          values: this.#values(),
          cursor: this.#take(),
          batch: this.#take(),
        };
      case "more":
        return { op, cursor: this.#take(), batch: this.#take() };
      case "end":
        return { op, cursor: this.#take() };
      case "open":
        return { op, client: this.#take(), file: this.#take(), options: this.#take() };
      default:
        return { op };
    }
  }

  #take<T>(): T {
    return this.#parcel[this.#at++] as T;
  }

  #text(): string {
    const text: string | number = this.#take();
    if (typeof text === "number") return this.#texts[text] as string;
    if (text.length > LONGEST_KNOWN) return text;
    if (this.#texts.length === MOST_KNOWN) this.#texts = [];
    this.#texts.push(text);
    return text;
  }

  #values(): Sendable[] {
    const count: number = this.#take();
    const values: Sendable[] = [];
    for (let i = 0; i < count; i++) values.push(this.#take());
    return values;
  }
}

/** A copy of bytes as they are now, which may be handed over; the caller's own stay with the caller. */
function own(bytes: Uint8Array, transfer: ArrayBuffer[]): Uint8Array {
  const copy = new Uint8Array(bytes.byteLength);
  if (bytes.byteLength > 0) copy.set(bytes);
  transfer.push(copy.buffer);
  return copy;
}

/** The worker's end: puts answers into parcels. */
export class AnswerPacker {
  readonly #shapes = new Map<string, number>();
  /** Those lists of names that were seen with their numbers: a kept statement gives the same one each time. */
  readonly #lists = new WeakMap<readonly string[], number>();
  #parcel: Parcel = [];
  #transfer: ArrayBuffer[] = [];

  /** Adds what a statement gave, where it did not fail. */
  addRows(desk: number, found: Rows, inTransaction: boolean, took: number): void {
    const flags = (inTransaction ? IN_TRANSACTION : 0) | DONE;
    const { columns, rows } = found;
    if (columns.length === 0) this.#parcel.push(desk, flags, took, found.changes, found.lastInsertRowid);
    else this.#parcel.push(desk, flags | ROWS, took, this.#shape(columns), this.#cells(rows));
  }

  /** @param took how many milliseconds the order has taken */
  add(desk: number, answer: Answer, took: number): void {
    const { columns, rows, failure } = answer;
    const flags = (answer.inTransaction ? IN_TRANSACTION : 0) | (answer.done ? DONE : 0);
    if (failure !== undefined) this.#parcel.push(desk, flags | FAILURE, took, packFailure(failure));
    else if (columns.length === 0)
      this.#parcel.push(desk, flags, took, answer.changes, answer.lastInsertRowid);
    else this.#parcel.push(desk, flags | ROWS, took, this.#shape(columns), this.#cells(rows));
  }

  /** What was added since the last time, and what of it is to be handed over. */
  take(): { parcel: Parcel; transfer: ArrayBuffer[] } | undefined {
    const parcel = this.#parcel;
    const transfer = this.#transfer;
    if (parcel.length === 0) return undefined;
    this.#parcel = [];
    this.#transfer = [];
    return { parcel, transfer };
  }

  #shape(columns: readonly string[]): number | readonly string[] {
    const listed = this.#lists.get(columns);
    if (listed !== undefined) return listed;
    const name = columns.join("\0");
    const known = this.#shapes.get(name);
    if (known !== undefined) {
      this.#lists.set(columns, known);
      return known;
    }
    if (this.#shapes.size < MOST_KNOWN) this.#shapes.set(name, this.#shapes.size);
    return columns;
  }

  #cells(rows: readonly SqliteValue[][]): SqliteValue[] {
    const cells: SqliteValue[] = [];
    for (const row of rows) {
      for (const value of row) {
        cells.push(value);
        if (value instanceof Uint8Array && value.byteLength >= LARGE) this.#handOver(value);
      }
    }
    return cells;
  }

  #handOver({ buffer, byteLength }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) this.#transfer.push(buffer);
  }
}

/** The other end: takes answers out of parcels. */
export class AnswerReader {
  readonly #shapes: (readonly string[])[] = [];

  /** Calls `each` for each answer in a parcel, in their sequence. */
  read(parcel: Parcel, each: (desk: number, answer: Answer) => void): void {
    for (let at = 0; at < parcel.length; ) {
      const desk = parcel[at] as number;
      const flags = parcel[at + 1] as number;
      const took = parcel[at + 2] as number;
      const first = parcel[at + 3];
      const second = parcel[at + 4];
      at += flags & FAILURE ? 4 : 5;
      let columns: readonly string[] = [];
      let rows: SqliteValue[][] = [];
      if (flags & ROWS) {
        columns = this.#columns(first as number | readonly string[]);
        rows = cut(second as SqliteValue[], columns.length);
      }
      const plain = (flags & (ROWS | FAILURE)) === 0;
      each(desk, {
        columns,
        rows,
        changes: plain ? (first as number) : 0,
        lastInsertRowid: plain ? (second as number | bigint | null) : null,
        done: (flags & DONE) !== 0,
        inTransaction: (flags & IN_TRANSACTION) !== 0,
        failure: flags & FAILURE ? unpackFailure(first as PackedFailure) : undefined,
        took,
      });
    }
  }

  #columns(shape: number | readonly string[]): readonly string[] {
    if (typeof shape === "number") return this.#shapes[shape] as readonly string[];
    if (this.#shapes.length < MOST_KNOWN) this.#shapes.push(shape);
    return shape;
  }
}

function cut(cells: SqliteValue[], width: number): SqliteValue[][] {
  if (cells.length === width) return [cells];
  const rows: SqliteValue[][] = [];
  for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width));
  return rows;
}

/** An error's words and codes; of its own properties a structured clone keeps none. */
interface PackedFailure {
  readonly error: unknown;
  readonly errno: number | undefined;
  readonly own: Readonly<Record<string, unknown>>;
}

export function packFailure({ error, errno }: OrderFailure): PackedFailure {
  const own: Record<string, unknown> = {};
  if (error instanceof Error) {
    for (const [name, value] of Object.entries(error)) {
      if (typeof value === "string" || typeof value === "number") own[name] = value;
    }
    own.name = error.name;
  }
  return { error: error instanceof Error ? bare(error) : String(error), errno, own };
}

/** Only Node.js's own classes of errors arrive as such. */
function bare(error: Error): Error {
  const Class = [RangeError, TypeError].find((each) => error instanceof each) ?? Error;
  const copy = new Class(error.message);
  copy.stack = error.stack;
  return copy;
}

export function unpackFailure({ error, errno, own }: PackedFailure): OrderFailure {
  // Not by instanceof: under a test runner with realms of its own it is another realm's Error.
  if (typeof error === "object" && error !== null && "name" in error) {
    const { name, ...rest } = own;
    if (name !== undefined && name !== error.name)
      Object.defineProperty(error, "name", { value: name, configurable: true });
    Object.assign(error, rest);
  }
  return { error, errno };
}
