import type { DrizzleConfig, SQL, TablesRelationalConfig } from "drizzle-orm";
import { PgDatabase, PgDialect, type PgQueryResultHKT, type PgTransactionConfig } from "drizzle-orm/pg-core";
import { PgProxyTransaction, PgRemoteSession } from "drizzle-orm/pg-proxy";
import type { PostgreSQLDatabase } from "../../index.ts";
import { blockTerms } from "../orm/begin.ts";
import { AmbientSender, type Sender } from "./sender.ts";
import { attachCache, type Setup, setUp } from "./setup.ts";

/** What a statement gives that is not mapped to columns of a schema. */
export interface PostgreSQLResult<Row> {
  readonly rows: Row[];
  /** Rows changed, or given where it is a query. */
  readonly rowCount: number;
}

export interface PostgreSQLResultHKT extends PgQueryResultHKT {
  readonly type: PostgreSQLResult<this["row"]>;
}

/** A Drizzle database over a PostgreSQL database object. */
export type PostgreSQLDrizzle<Schema extends Record<string, unknown>> = PgDatabase<
  PostgreSQLResultHKT,
  Schema
> & {
  readonly $client: PostgreSQLDatabase;
};

type Full = Record<string, unknown>;

/** Drizzle's session for a database reached by a function, with transactions, which that has none of. */
class Session extends PgRemoteSession<Full, TablesRelationalConfig> {
  readonly #sender: Sender;
  readonly #dialect: PgDialect;
  readonly #setup: Setup;

  constructor(sender: Sender, dialect: PgDialect, setup: Setup) {
    const ask = async (text: string, values: unknown[], method: "all" | "execute") => {
      const rows = method === "all" ? "arrays" : undefined;
      const answer = await sender.send({ text, values, rows, times: "text" });
      const whole = { rows: answer.rows, rowCount: answer.rowCount };
      // What is not mapped is handed to the caller as it is.
      return { rows: method === "all" ? answer.rows : (whole as unknown as unknown[]) };
    };
    super(ask, dialect, setup.schema, setup.options);
    this.#sender = sender;
    this.#dialect = dialect;
    this.#setup = setup;
  }

  override transaction<T>(
    fn: (tx: PgProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
    { isolationLevel: isolation, accessMode: access, deferrable }: PgTransactionConfig = {},
  ): Promise<T> {
    const terms = blockTerms("postgresql", { isolation, access, deferrable });
    const inside = (sender: Sender): Promise<T> => {
      const session = new Session(sender, this.#dialect, this.#setup);
      return fn(new Transaction(this.#dialect, session, this.#setup.schema));
    };
    return this.#sender.block(inside, terms);
  }

  override async count(query: SQL): Promise<number> {
    const { rows } = await this.execute<PostgreSQLResult<{ count: unknown }>>(query);
    return Number(rows[0]?.count);
  }
}

class Transaction extends PgProxyTransaction<Full, TablesRelationalConfig> {
  readonly #session: Session;

  constructor(dialect: PgDialect, session: Session, schema: Setup["schema"]) {
    super(dialect, session, schema);
    this.#session = session;
  }

  override transaction<T>(
    fn: (tx: PgProxyTransaction<Full, TablesRelationalConfig>) => Promise<T>,
  ): Promise<T> {
    return this.#session.transaction(fn);
  }
}

export function postgresqlDrizzle(
  db: PostgreSQLDatabase,
  config: DrizzleConfig<Full>,
): PostgreSQLDrizzle<Full> {
  const setup = setUp(config);
  const dialect = new PgDialect({ casing: config.casing });
  const session = new Session(new AmbientSender(db), dialect, setup);
  const database = new PgDatabase<PostgreSQLResultHKT, Full>(dialect, session, setup.schema as never);
  attachCache(database, setup.options);
  return Object.assign(database, { $client: db });
}
