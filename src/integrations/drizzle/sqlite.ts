import type { DrizzleConfig, TablesRelationalConfig } from "drizzle-orm";
import {
  BaseSQLiteDatabase,
  type PreparedQueryConfig,
  SQLiteAsyncDialect,
  type SQLiteTransactionConfig,
} from "drizzle-orm/sqlite-core";
import {
  type RemotePreparedQuery,
  SQLiteProxyTransaction,
  SQLiteRemoteSession,
} from "drizzle-orm/sqlite-proxy";
import type { SQLiteDatabase } from "../../index.ts";
import { blockTerms } from "../orm/begin.ts";
import { AmbientSender, type Sender } from "./sender.ts";
import { attachCache, type Setup, setUp } from "./setup.ts";

/** What a statement has done that gives no rows. */
export interface SQLiteOutcome {
  readonly changes: number;
  /** The new row's key; `null` where none was made. */
  readonly lastInsertRowid: number | bigint | null;
}

/** A Drizzle database over a SQLite database object. */
export type SQLiteDrizzle<Schema extends Record<string, unknown>> = BaseSQLiteDatabase<
  "async",
  SQLiteOutcome,
  Schema
> & { readonly $client: SQLiteDatabase };

type Full = Record<string, unknown>;
type Method = "run" | "all" | "values" | "get";
type PrepareArguments = Parameters<SQLiteRemoteSession<Full, TablesRelationalConfig>["prepareQuery"]>;

/** What Drizzle calls with a statement; rows as objects where nobody maps them by their place. */
function callback(sender: Sender, mapped: boolean) {
  return async (text: string, values: unknown[], method: Method) => {
    const rows = mapped || method === "values" ? "arrays" : undefined;
    const answer = await sender.send({ text, values, rows, times: "text" });
    if (method === "run") {
      const outcome: SQLiteOutcome = { changes: answer.rowCount, lastInsertRowid: answer.lastInsertId };
      // Drizzle gives its caller the whole of it.
      return outcome as SQLiteOutcome & { rows: unknown[] };
    }
    // For one row Drizzle wants that alone, or nothing.
    return { rows: (method === "get" ? answer.rows[0] : answer.rows) as unknown[] };
  };
}

/** Drizzle's session for a database reached by a function, with transactions that nest with everybody's. */
class Session extends SQLiteRemoteSession<Full, TablesRelationalConfig> {
  readonly #sender: Sender;
  readonly #dialect: SQLiteAsyncDialect;
  readonly #setup: Setup;
  readonly #unmapped: SQLiteRemoteSession<Full, TablesRelationalConfig>;

  constructor(sender: Sender, dialect: SQLiteAsyncDialect, setup: Setup) {
    super(callback(sender, true), dialect, setup.schema, undefined, setup.options);
    this.#unmapped = new SQLiteRemoteSession(
      callback(sender, false),
      dialect,
      setup.schema,
      undefined,
      setup.options,
    );
    this.#sender = sender;
    this.#dialect = dialect;
    this.#setup = setup;
  }

  override prepareQuery<T extends Omit<PreparedQueryConfig, "run">>(
    ...args: PrepareArguments
  ): RemotePreparedQuery<T> {
    const [, fields, , , mapper] = args;
    return fields === undefined && mapper === undefined
      ? this.#unmapped.prepareQuery<T>(...args)
      : super.prepareQuery<T>(...args);
  }

  override transaction<T>(
    fn: (tx: SQLiteProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
    { behavior }: SQLiteTransactionConfig = {},
  ): Promise<T> {
    const inside = (sender: Sender): Promise<T> => {
      const session = new Session(sender, this.#dialect, this.#setup);
      return fn(new Transaction(this.#dialect, session, this.#setup.schema));
    };
    return this.#sender.block(inside, blockTerms("sqlite", { behavior }));
  }
}

class Transaction extends SQLiteProxyTransaction<Full, TablesRelationalConfig> {
  readonly #session: Session;

  constructor(dialect: SQLiteAsyncDialect, session: Session, schema: Setup["schema"]) {
    super("async", dialect as never, session, schema);
    this.#session = session;
  }

  override transaction<T>(
    fn: (tx: SQLiteProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
  ): Promise<T> {
    return this.#session.transaction(fn);
  }
}

export function sqliteDrizzle(db: SQLiteDatabase, config: DrizzleConfig<Full>): SQLiteDrizzle<Full> {
  const setup = setUp(config);
  const dialect = new SQLiteAsyncDialect({ casing: config.casing });
  const session = new Session(new AmbientSender(db), dialect, setup);
  const database = new BaseSQLiteDatabase<"async", SQLiteOutcome, Full>(
    "async",
    dialect as never,
    session as never,
    setup.schema as never,
  );
  attachCache(database, setup.options);
  return Object.assign(database, { $client: db });
}
