/** The part of the npm package `mariadb` that is used here: https://mariadb.com/docs/connectors/mariadb-connector-nodejs */
export interface MariadbModule {
  createConnection(config: Record<string, unknown>): Promise<MariadbClient>;
}

export interface MariadbClient {
  readonly threadId: number | bigint;
  readonly info: { readonly status: number; readonly database: string | null } | null;
  isValid(): boolean;
  query(statement: string | MariadbStatement): Promise<MariadbAnswer>;
  execute(statement: string | MariadbStatement, values: readonly unknown[]): Promise<MariadbAnswer>;
  prepare(statement: string | MariadbStatement): Promise<MariadbPrepared>;
  queryStream(statement: string | MariadbStatement): import("node:stream").Readable;
  ping(): Promise<void>;
  reset(): Promise<void>;
  end(): Promise<void>;
  on(event: string, listener: (argument: never) => void): this;
}

export interface MariadbOptions {
  readonly dateStrings?: boolean;
}

export interface MariadbStatement extends MariadbOptions {
  readonly sql: string;
}

export interface MariadbPrepared {
  /** The database that was the connection's when it was prepared. */
  readonly database: string | null;
  execute(
    values: readonly unknown[],
    options: MariadbOptions | undefined,
    answered: (error: MariadbError | null, answer?: MariadbAnswer) => void,
  ): void;
  executeStream(values: readonly unknown[]): import("node:stream").Readable;
  close(): void | Promise<void>;
}

/** Rows as arrays (with `meta`), the header of a statement that gives none, or several of these. */
export type MariadbAnswer = MariadbHeader | unknown[] | undefined;

export interface MariadbHeader {
  readonly affectedRows?: number;
  readonly insertId?: number | bigint;
}

export interface MariadbColumn {
  name(): string;
}

export interface MariadbError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string | null;
  readonly sqlMessage?: string;
  /** The connection can't be used any more. */
  readonly fatal?: boolean;
}
