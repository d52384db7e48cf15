import { peer } from "../harness/peers.ts";
import { type Client, CONNECTIONS, type Contact, type ScopeClient } from "./statements.ts";

type Tag = <Row>(strings: TemplateStringsArray, ...values: unknown[]) => Promise<readonly Row[]>;

interface Sql extends Tag {
  reserve(): Promise<Tag & { release(): void }>;
  begin<T>(fn: (sql: Tag) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

type Postgres = (url: string, options: object) => Sql;

async function open(url: string, max: number): Promise<Sql> {
  const postgres = await peer<Postgres>("postgres");
  return postgres(url, { max, onnotice: () => {} });
}

/** postgres.js, which prepares statements and pipelines by itself. */
export async function postgresJs(url: string, max = CONNECTIONS): Promise<Client> {
  const sql = await open(url, max);
  return {
    one: async (i) => (await sql<{ n: number }>`select ${i}::int as n`)[0]?.n,
    ten: (from) =>
      sql<Contact>`select id, name, age from contacts where id between ${from} and ${from + 9} order by id`,
    slow: async (i, seconds) => (await sql<{ n: number }>`select pg_sleep(${seconds}), ${i}::int as n`)[0]?.n,
    close: () => sql.end(),
  };
}

/** Its scopes: `reserve` for a connection, `begin` for a transaction. */
export async function postgresJsScopes(url: string): Promise<ScopeClient> {
  const pool = await open(url, CONNECTIONS);
  return {
    async scope(i) {
      const sql = await pool.reserve();
      try {
        return (await sql<{ n: number }>`select ${i}::int as n`)[0]?.n;
      } finally {
        sql.release();
      }
    },
    transaction: (id, age) =>
      pool.begin(async (sql) => {
        await sql<Contact>`select id, name, age from contacts where id = ${id}`;
        await sql`update contacts set age = ${age} where id = ${id}`;
        return (await sql<{ age: number }>`select age from contacts where id = ${id}`)[0]?.age;
      }),
    close: () => pool.end(),
  };
}
