import { asRow, type Statement } from "./driver.ts";
import type { PgError, PgField, PgModule, PgSubmittable, PgUtils, PgWire } from "./pg-client.ts";

type Row = Record<string, unknown>;

/**
 * A portal: the server runs the statement as far as rows are asked for.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class PgPortal implements PgSubmittable {
  readonly #text: string;
  readonly #values: readonly unknown[];
  readonly #asArrays: boolean;
  readonly #batch: number;
  readonly #utils: PgUtils;
  readonly #types: PgModule["types"];
  readonly #settled: () => void;
  #fields: PgField[] = [];
  #rows: Row[] = [];
  #wire: PgWire | undefined;
  #waiting: { resolve(rows: Row[]): void; reject(error: PgError): void } | undefined;
  /** Rows were handed out and more may come; nothing is sent until they are asked for. */
  #suspended = false;
  #finished = false;
  #failure: PgError | undefined;

  /** `settled` is called once, when the connection can take something else. */
  constructor(
    { text, values, rows }: Statement,
    batch: number,
    { utils, types, settled }: { utils: PgUtils; types: PgModule["types"]; settled: () => void },
  ) {
    this.#text = text;
    this.#values = values;
    this.#asArrays = rows === "arrays";
    this.#batch = batch;
    this.#utils = utils;
    this.#types = types;
    this.#settled = settled;
  }

  /** The next rows; an empty array at the end. One call at a time. */
  next(): Promise<Row[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#finished) return Promise.resolve([]);
    const rows = new Promise<Row[]>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    if (this.#suspended && this.#wire) {
      this.#suspended = false;
      this.#wire.execute({ rows: this.#batch });
      this.#wire.flush();
    }
    return rows;
  }

  /** Ends it early; the rest of the rows is not read. */
  leave(): void {
    if (this.#finished || !this.#wire) return;
    this.#finished = true;
    this.#wire.close({ type: "P" });
    this.#wire.sync();
  }

  submit(wire: PgWire): null {
    this.#wire = wire;
    wire.parse({ text: this.#text });
    wire.bind({ values: this.#values, valueMapper: this.#utils.prepareValue });
    wire.describe({ type: "P", name: "" });
    wire.execute({ rows: this.#batch });
    wire.flush();
    return null;
  }

  handleRowDescription(message: { fields: PgField[] }): void {
    this.#fields = message.fields;
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    const row: Row = this.#asArrays ? asRow([]) : {};
    this.#fields.forEach((field, i) => {
      const text = message.fields[i] ?? null;
      row[this.#asArrays ? i : field.name] =
        text === null ? null : this.#types.getTypeParser(field.dataTypeID)(text);
    });
    this.#rows.push(row);
  }

  handlePortalSuspended(): void {
    this.#suspended = true;
    this.#hand();
  }

  handleCommandComplete(_message: unknown, wire: PgWire): void {
    this.#end(wire);
  }

  handleEmptyQuery(wire: PgWire): void {
    this.#end(wire);
  }

  handleError(error: PgError, wire: PgWire): void {
    this.#failure = error;
    // The client has let go of this query by now, so it will not pass the last answer on.
    wire.once("readyForQuery", this.#settled);
    this.#end(wire);
  }

  handleReadyForQuery(): void {
    this.#settled();
  }

  handleCopyInResponse(wire: PgWire): void {
    this.#end(wire);
  }

  handleCopyData(): void {}

  #end(wire: PgWire): void {
    const left = this.#finished;
    this.#finished = true;
    if (!left) wire.sync();
    this.#hand();
  }

  #hand(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#failure) waiting?.reject(this.#failure);
    else waiting?.resolve(this.#rows);
    if (waiting) this.#rows = [];
  }
}
