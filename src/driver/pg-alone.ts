import type { Asker, Result, Statement } from "./driver.ts";
import type { PgError, PgField, PgModule, PgSubmittable, PgWire } from "./pg-client.ts";
import type { MessageWriter } from "./pg-message.ts";
import { type Prepared, type Shape, shapeOf } from "./pg-prepared.ts";

/** What a statement that stands alone needs from its connection. */
export interface AloneHost {
  /** What is sent in this turn. */
  readonly writer: MessageWriter;
  /** Called when something was written. */
  wrote(): void;
  /** How values of the form that a statement asks for are read. */
  typesFor(statement: Statement): PgModule["types"];
  /** Called once, when the server has answered and is ready for the next. */
  answered(alone: PgAlone, result: Result): void;
  /** Called once, when the server has refused it or the connection is gone. */
  failed(alone: PgAlone, error: PgError): void;
}

/** How a statement is sent. */
export interface Manner {
  /** As mere text: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SIMPLE-QUERY */
  readonly simple: boolean;
  /** Whether it may be sent again where only its name was the reason that it failed. */
  readonly again: boolean;
  /** Under which name; `undefined` for a statement that is not kept. */
  readonly prepared: Prepared | undefined;
  /** Whether this is the one that has it prepared. */
  readonly prepares: boolean;
}

/** What goes in front of a statement. */
export interface Ahead {
  /** Names that the server is to forget. */
  readonly forget: readonly Prepared[];
  /** Statements that must succeed for this one to be run at all. */
  readonly leads: readonly string[];
}

const NO_VALUES: readonly null[] = [];
const ZERO = 48;

/**
 * One statement in a pipeline, in the extended protocol: bound and executed by its name where the server has it prepared
 * already, which leaves out the parsing and the description of its columns on both sides.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class PgAlone implements PgSubmittable {
  readonly statement: Statement;
  /** As the wire takes them. */
  readonly #values: readonly (string | Buffer | null)[];
  readonly prepared: Prepared | undefined;
  readonly #how: Manner;
  readonly #ahead: Ahead;
  /** How many of the statements in front of it are still to be answered. */
  #answersAhead: number;
  readonly #host: AloneHost;
  readonly asker: Asker;
  #shape: Shape | undefined;
  #fields: readonly PgField[] = [];
  #rows: Record<string, unknown>[] = [];
  #rowCount = 0;
  #unreadable: Error | undefined;
  #over = false;

  constructor(
    statement: Statement,
    values: readonly (string | Buffer | null)[],
    how: Manner,
    ahead: Ahead,
    host: AloneHost,
    asker: Asker,
  ) {
    this.statement = statement;
    this.#values = values;
    this.prepared = how.prepared;
    this.#how = how;
    this.#ahead = ahead;
    this.#answersAhead = ahead.leads.length;
    this.#shape = how.prepared?.shape(statement, host.typesFor(statement));
    this.#host = host;
    this.asker = asker;
  }

  get again(): boolean {
    return this.#how.again;
  }

  /** Called by the client when it is this one's turn to be sent; its host sends what was written, when the turn ends. */
  submit(): null {
    const { writer } = this.#host;
    const { size } = writer;
    try {
      if (this.#how.simple) writer.query(this.statement.text);
      else this.#extended(writer);
    } catch (error) {
      writer.cutTo(size);
      throw error;
    }
    this.#host.wrote();
    return null;
  }

  #extended(writer: MessageWriter): void {
    const { prepared, prepares } = this.#how;
    for (const old of this.#ahead.forget) writer.close(old.name);
    // Without a `sync` in between the server skips all that follows a failure.
    for (const lead of this.#ahead.leads) {
      writer.parse("", lead);
      writer.bind("", NO_VALUES);
      writer.execute();
    }
    const name = prepared?.name ?? "";
    if (prepared === undefined || prepares) writer.parse(name, this.statement.text);
    writer.bind(name, this.#values);
    if (this.#shape === undefined) writer.describe();
    writer.execute();
    writer.sync();
  }

  /** A row as it lies in `bytes`; see `PgAnswers`. */
  readRow(bytes: Buffer, at: number): void {
    if (this.#shape === undefined || this.#unreadable !== undefined) return;
    try {
      this.#rows.push(this.#shape.read(bytes, at));
    } catch (error) {
      this.#unreadable = error as Error;
    }
  }

  /** How many rows there were or were changed: the number at the end of a tag such as `SELECT 1`, if there is one. */
  readTag(bytes: Buffer, end: number): void {
    if (this.#answersAhead > 0) {
      this.#answersAhead--;
      return;
    }
    let count = 0;
    for (let at = end - 1, worth = 1; ; at--, worth *= 10) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      count += digit * worth;
    }
    this.#rowCount = count;
  }

  handleRowDescription(message: { fields: PgField[] }): void {
    this.#fields = message.fields;
    this.#shape = this.#shapeOf(message.fields);
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.#shape === undefined || this.#unreadable !== undefined) return;
    try {
      this.#rows.push(this.#shape.row(message.fields));
    } catch (error) {
      // A type parser of the user's has thrown; the rest of the answer is still on its way.
      this.#unreadable = error as Error;
    }
  }

  handleCommandComplete(message: { text: string }): void {
    if (this.#answersAhead > 0) {
      this.#answersAhead--;
      return;
    }
    const { text } = message;
    const count = Number(text.slice(text.lastIndexOf(" ") + 1));
    this.#rowCount = Number.isNaN(count) ? 0 : count;
  }

  handleEmptyQuery(): void {}

  handleReadyForQuery(): void {
    if (this.prepared !== undefined) this.prepared.fields ??= this.#fields;
    if (this.#unreadable !== undefined) {
      this.handleError(this.#unreadable);
      return;
    }
    if (this.#over) return;
    this.#over = true;
    // Where the server described no rows, there are none.
    const { columns } = this.#shape ?? this.#shapeOf([]);
    this.#host.answered(this, { rows: this.#rows, columns, rowCount: this.#rowCount, lastInsertId: null });
  }

  handleError(error: PgError): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.failed(this, error);
  }

  #shapeOf(fields: readonly PgField[]): Shape {
    return shapeOf(fields, this.#host.typesFor(this.statement), this.statement.rows === "arrays");
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(wire: PgWire): void {
    wire.sendCopyFail("A statement that copies from the client needs a connection of its own.");
  }

  handleCopyData(): void {}
}

/** In a pipeline `pg` takes only what is an instance of its own class of queries. */
export function admitAlone(pg: PgModule): void {
  const base = pg.Query?.prototype;
  if (base === undefined || base === Object.getPrototypeOf(PgAlone.prototype)) return;
  Object.setPrototypeOf(PgAlone.prototype, base);
}
