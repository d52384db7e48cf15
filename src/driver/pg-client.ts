/** The part of the npm package `pg` that is used here: https://node-postgres.com/apis/client */
export interface PgModule {
  readonly Client: new (config: Record<string, unknown>) => PgClient;
  readonly Connection: new (config: Record<string, unknown>) => PgWire;
  /** Its own class of queries. */
  readonly Query?: { readonly prototype: object };
  readonly types: { getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown };
  /** Not here before 8.12; it is `pg/lib/utils` then. */
  readonly utils?: PgUtils;
}

export interface PgUtils {
  prepareValue(value: unknown): string | Buffer | null;
}

export interface PgClient {
  readonly connection: PgWire;
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  /** Statements are sent without waiting for the answers of earlier ones. May be changed while nothing is under way. */
  pipeline: boolean;
  connect(callback: (error: Error | null) => void): void;
  query(
    config: PgQuery | PgSubmittable,
    values: undefined,
    callback?: (error: PgError | null, result: PgAnswer) => void,
  ): void;
  end(): Promise<void>;
  on(event: string, listener: (argument: never) => void): this;
}

/** The wire underneath: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export interface PgWire {
  readonly stream: import("node:net").Socket;
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  query(text: string): void;
  parse(message: { text: string; name?: string }): void;
  bind(message: {
    statement?: string;
    values: readonly unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  describe(message: { type: "P"; name: string }): void;
  execute(message: { rows: number }): void;
  close(message: { type: "P" } | { type: "S"; name: string }): void;
  sendCopyFail(why: string): void;
  flush(): void;
  sync(): void;
  on(event: string, listener: (argument: never) => void): this;
  once(event: string, listener: () => void): this;
  off(event: string, listener: (argument: never) => void): this;
}

export interface PgQuery {
  readonly text: string;
  readonly rowMode?: "array";
  readonly types?: PgModule["types"];
  readonly values?: readonly unknown[] | undefined;
  readonly name?: string | undefined;
}

export interface PgField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly format?: string;
}

/** One result, or one for each statement of a string that holds several. */
export type PgAnswer = PgResult | PgResult[];

export interface PgResult {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly fields: readonly PgField[];
  readonly rows: Record<string, unknown>[];
}

/** Something of one's own to run on a client in place of a query. */
export interface PgSubmittable {
  submit(wire: PgWire): Error | null;
  handleRowDescription(message: { fields: PgField[] }): void;
  handleDataRow(message: { fields: (string | null)[] }): void;
  handlePortalSuspended(wire: PgWire): void;
  handleCommandComplete(message: unknown, wire: PgWire): void;
  handleEmptyQuery(wire: PgWire): void;
  handleError(error: PgError, wire: PgWire): void;
  handleReadyForQuery(wire: PgWire): void;
  handleCopyInResponse(wire: PgWire): void;
  handleCopyData(message: unknown, wire: PgWire): void;
}

/** https://www.postgresql.org/docs/current/protocol-error-fields.html */
export interface PgError extends Error {
  readonly severity?: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly position?: string;
  /** The function of the server that reports it. */
  readonly routine?: string;
}
