import { type DrizzleConfig, fillPlaceholders, NoopLogger, type TablesRelationalConfig } from "drizzle-orm";
import {
  MySqlDatabase,
  MySqlDialect,
  type MySqlPreparedQueryConfig,
  type MySqlQueryResultHKT,
  type MySqlTransactionConfig,
  type PreparedQueryHKTBase,
  type PreparedQueryKind,
} from "drizzle-orm/mysql-core";
import {
  MySqlProxyTransaction,
  type MySqlRemotePreparedQueryHKT,
  MySqlRemoteSession,
  type PreparedQuery,
} from "drizzle-orm/mysql-proxy";
import type { MySQLDatabase } from "../../index.ts";
import { blockTerms } from "../orm/begin.ts";
import { AmbientSender, type Sender } from "./sender.ts";
import { attachCache, type Setup, setUp } from "./setup.ts";

/** What a statement has done, in mysql2's words. */
export interface MySQLHeader {
  readonly affectedRows: number;
  /** `0` where no key was made. */
  readonly insertId: number | bigint;
  /** `undefined` where the client library does not say. */
  readonly changedRows: number | undefined;
}

/** A column of a result. */
export interface MySQLField {
  readonly name: string;
}

export interface MySQLResultHKT extends MySqlQueryResultHKT {
  readonly type: [MySQLHeader, MySQLField[]];
}

/** A Drizzle database over a MySQL or MariaDB database object. */
export type MySQLDrizzle<Schema extends Record<string, unknown>> = MySqlDatabase<
  MySQLResultHKT,
  PreparedQueryHKTBase,
  Schema
> & { readonly $client: MySQLDatabase };

type Full = Record<string, unknown>;
type PrepareArguments = Parameters<MySqlRemoteSession<Full, TablesRelationalConfig>["prepareQuery"]>;
type Call = (text: string, values: unknown[], method: "all" | "execute") => Promise<{ rows: unknown[] }>;

function callback(sender: Sender): Call {
  return async (text, values, method) => {
    const rows = method === "all" ? "arrays" : undefined;
    const answer = await sender.send({ text, values, rows, times: "text" });
    if (method === "all") return { rows: answer.rows };
    const fields: MySQLField[] = answer.columns.map((name) => ({ name }));
    if (fields.length > 0) return { rows: [answer.rows, fields] };
    const { rowCount: affectedRows, changedRows, lastInsertId } = answer;
    const header: MySQLHeader = { affectedRows, insertId: lastInsertId ?? 0, changedRows };
    return { rows: [header, fields] };
  };
}

/** Drizzle's session for a database reached by a function, with what that has none of: transactions and iterators. */
class Session extends MySqlRemoteSession<Full, TablesRelationalConfig> {
  readonly #sender: Sender;
  readonly #dialect: MySqlDialect;
  readonly #setup: Setup;

  constructor(sender: Sender, dialect: MySqlDialect, setup: Setup) {
    super(callback(sender), dialect, setup.schema, setup.options);
    this.#sender = sender;
    this.#dialect = dialect;
    this.#setup = setup;
  }

  override prepareQuery<T extends MySqlPreparedQueryConfig>(
    ...args: PrepareArguments
  ): PreparedQueryKind<MySqlRemotePreparedQueryHKT, T> {
    const [query, fields, mapper] = args;
    const mapped = fields !== undefined || mapper !== undefined;
    const prepared = super.prepareQuery<T>(...args);
    const sender = this.#sender;
    const { logger } = this.#setup.options;
    prepared.iterator = async function* (placeholders = {}) {
      const values = fillPlaceholders(query.params, placeholders);
      logger?.logQuery(query.sql, values);
      const rows = mapped ? "arrays" : undefined;
      for await (const batch of sender.stream({ text: query.sql, values, rows, times: "text" })) {
        yield* mapped ? await mapBatch(prepared, batch) : batch;
      }
    };
    return prepared;
  }

  override transaction<T>(
    fn: (tx: MySqlProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
    config?: MySqlTransactionConfig,
  ): Promise<T> {
    const terms = blockTerms("mysql", {
      isolation: config?.isolationLevel,
      access: config?.accessMode,
      consistentSnapshot: config?.withConsistentSnapshot,
    });
    const inside = (sender: Sender): Promise<T> => {
      const session = new Session(sender, this.#dialect, this.#setup);
      return fn(new Transaction(this.#dialect, session, this.#setup.schema));
    };
    return this.#sender.block(inside, terms);
  }
}

/**
 * Rows as the query's caller gets them. Drizzle maps them where it executes a query, so it is given one that is as good as
 * executed: these rows are its answer.
 */
async function mapBatch(
  prepared: PreparedQuery<{ execute: unknown; iterator: unknown }>,
  rows: unknown[],
): Promise<unknown[]> {
  const answered: typeof prepared = Object.create(prepared, {
    client: { value: async () => ({ rows }) },
    logger: { value: new NoopLogger() },
    queryWithCache: { value: (_text: string, _values: unknown[], run: () => unknown) => run() },
    params: { value: [] },
  });
  return (await answered.execute()) as unknown[];
}

class Transaction extends MySqlProxyTransaction<Full, TablesRelationalConfig> {
  readonly #session: Session;

  constructor(dialect: MySqlDialect, session: Session, schema: Setup["schema"]) {
    super(dialect, session as never, schema, 0, "default");
    this.#session = session;
  }

  override transaction<T>(
    fn: (tx: MySqlProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
  ): Promise<T> {
    return this.#session.transaction(fn);
  }
}

export function mysqlDrizzle(db: MySQLDatabase, config: DrizzleConfig<Full>): MySQLDrizzle<Full> {
  const setup = setUp(config);
  const dialect = new MySqlDialect({ casing: config.casing });
  const session = new Session(new AmbientSender(db), dialect, setup);
  const database = new MySqlDatabase<MySQLResultHKT, PreparedQueryHKTBase, Full>(
    dialect,
    session as never,
    setup.schema as never,
    "default",
  );
  attachCache(database, setup.options);
  return Object.assign(database, { $client: db });
}
