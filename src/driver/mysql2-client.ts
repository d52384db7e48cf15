/**
 * Under this name `driver` may hold a function that makes the client's connection, in place of the options that are made
 * of the target. For integrations. From the registry, since a program may have loaded this package twice. @internal
 */
export const clientMaker: unique symbol = Symbol.for("apocryphan.mysql2.client");

/** The part of the npm package `mysql2` that is used here: https://sidorares.github.io/node-mysql2/docs */
export interface MysqlModule {
  createConnection(config: Record<string, unknown>): MysqlClient;
  readonly Types: Readonly<Record<string, number | string>>;
  /** Numbers of collations by their names in capitals. */
  readonly Charsets?: Readonly<Record<string, number>>;
  /** Makes values of a given type; there since 3.24. */
  readonly TypedParameter?: (new () => object) & { readonly BIGINT?: TypedFactory };
}

export interface TypedFactory {
  (value: bigint | number): object;
  unsigned(value: bigint | number): object;
}

export interface MysqlClient {
  readonly stream: import("node:net").Socket;
  readonly threadId: number;
  readonly config: { readonly charsetNumber?: number };
  readonly clientEncoding: string;
  /** Called with each packet of the server's, and without one where a command begins. */
  handlePacket: (packet?: MysqlPacket) => void;
  /** The command under way. */
  readonly _command?: MysqlUnderWay | null;
  /** Those that wait behind it. */
  readonly _commands: { readonly length: number };
  connect(callback: (error: MysqlError | null) => void): void;
  query(options: MysqlStatement, callback?: MysqlCallback): MysqlCommand;
  execute(options: MysqlStatement, callback?: MysqlCallback): MysqlCommand;
  ping(callback: (error: MysqlError | null) => void): void;
  /** There since 3.22. */
  reset?(callback: (error: MysqlError | null) => void): void;
  end(): void;
  /** What `end` is on other connections, where this is one of a pool of mysql2's. */
  _realEnd?(): void;
  on(event: string, listener: (argument: never) => void): this;
}

export interface MysqlPacket {
  readonly buffer: Buffer;
  /** Where its content begins, or what is left of it to be read. */
  offset: number;
  isEOF(): boolean;
  eofStatusFlags(): number;
  asError(encoding: string): MysqlError;
}

/** A command as the connection works through it: `next` is what will read the next packet, `null` before and after. */
export interface MysqlUnderWay {
  readonly next: unknown;
  readonly resultsetHeader?: unknown;
  /** The text, of a query or of the execution of a prepared statement. */
  readonly sql?: unknown;
  /** The text, where it is being prepared. */
  readonly query?: unknown;
  readonly statement?: { readonly query?: unknown };
}

export interface MysqlStatement {
  readonly sql: string;
  readonly values?: readonly unknown[];
  readonly supportBigNumbers?: boolean;
  readonly bigNumberStrings?: boolean;
  readonly rowsAsArray?: boolean;
  readonly dateStrings?: boolean;
}

export interface MysqlCommand {
  on(event: string, listener: (argument: never) => void): this;
  stream(options: { highWaterMark: number }): import("node:stream").Readable;
}

export type MysqlCallback = (
  error: MysqlError | null,
  answer: MysqlAnswer,
  fields?: MysqlField[] | MysqlField[][],
) => void;

/** Rows, the header of a statement that gives none, or several of these. */
export type MysqlAnswer = MysqlHeader | Record<string, unknown>[] | MysqlAnswer[] | undefined;

export interface MysqlHeader {
  readonly affectedRows?: number;
  readonly changedRows?: number;
  readonly insertId?: number | string;
  readonly serverStatus?: number;
}

export interface MysqlField {
  readonly name: string;
  readonly columnType: number;
}

export interface MysqlError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
  /** The connection can't be used any more. */
  readonly fatal?: boolean;
}
