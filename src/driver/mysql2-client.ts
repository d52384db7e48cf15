/** The part of the npm package `mysql2` that is used here: https://sidorares.github.io/node-mysql2/docs */
export interface MysqlModule {
  createConnection(config: Record<string, unknown>): MysqlClient;
  readonly Types: Readonly<Record<string, number | string>>;
  /** Makes values of a given type; there since 3.24. */
  readonly TypedParameter?: { readonly BIGINT?: TypedFactory };
}

export interface TypedFactory {
  (value: bigint | number): object;
  unsigned(value: bigint | number): object;
}

export interface MysqlClient {
  readonly stream: import("node:net").Socket;
  readonly threadId: number;
  /** Called with each packet of the server's. */
  handlePacket: (packet?: MysqlPacket) => void;
  connect(callback: (error: MysqlError | null) => void): void;
  query(options: MysqlStatement, callback?: MysqlCallback): MysqlCommand;
  execute(options: MysqlStatement, callback?: MysqlCallback): MysqlCommand;
  ping(callback: (error: MysqlError | null) => void): void;
  /** There since 3.22. */
  reset?(callback: (error: MysqlError | null) => void): void;
  end(): void;
  on(event: string, listener: (argument: never) => void): this;
}

export interface MysqlPacket {
  isEOF(): boolean;
  eofStatusFlags(): number;
}

export interface MysqlStatement {
  readonly sql: string;
  readonly values?: readonly unknown[];
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
