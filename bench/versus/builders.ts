import { peer } from "../harness/peers.ts";
import { pgPool } from "./pg-pool.ts";
import { type Client, CONNECTIONS, type Contact } from "./statements.ts";

// By their own way to send SQL that is written out, so that they need not build it.

interface Knex {
  raw<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  destroy(): Promise<void>;
}

export async function knex(url: string): Promise<Client> {
  const make = await peer<(options: object) => Knex>("knex");
  const db = make({ client: "pg", connection: url, pool: { min: 0, max: CONNECTIONS } });
  return {
    one: async (i) => (await db.raw<{ n: number }>("select ?::int as n", [i])).rows[0]?.n,
    ten: async (from) =>
      (
        await db.raw<Contact>("select id, name, age from contacts where id between ? and ? order by id", [
          from,
          from + 9,
        ])
      ).rows,
    close: () => db.destroy(),
  };
}

interface Kysely {
  Kysely: new (options: object) => { destroy(): Promise<void> };
  PostgresDialect: new (options: object) => object;
  sql<Row>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): { execute(db: object): Promise<{ readonly rows: readonly Row[] }> };
}

export async function kysely(url: string): Promise<Client> {
  const { Kysely, PostgresDialect, sql } = await peer<Kysely>("kysely");
  const db = new Kysely({ dialect: new PostgresDialect({ pool: await pgPool(url) }) });
  return {
    one: async (i) => (await sql<{ n: number }>`select ${i}::int as n`.execute(db)).rows[0]?.n,
    ten: async (from) =>
      (
        await sql<Contact>`select id, name, age from contacts where id between ${from} and ${from + 9} order by id`.execute(
          db,
        )
      ).rows,
    close: () => db.destroy(),
  };
}
