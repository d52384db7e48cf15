import { peer } from "../harness/peers.ts";
import { type Client, CONNECTIONS, type Contact, type ScopeClient, SQL } from "./statements.ts";

interface Answer<Row> {
  readonly rows: readonly Row[];
}

interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Runs {
  query<Row>(query: Query): Promise<Answer<Row>>;
}

interface PgPool extends Runs {
  connect(): Promise<Runs & { query<Row>(text: string): Promise<Answer<Row>>; release(): void }>;
  end(): Promise<void>;
}

/** node-postgres, as installed for the comparison. */
export interface Pg {
  Pool: new (options: object) => PgPool;
}

export async function pgPool(url: string, max = CONNECTIONS): Promise<PgPool> {
  const { Pool } = await peer<Pg>("pg");
  return new Pool({ connectionString: url, max });
}

type Name = keyof typeof SQL;

/** @param named whether statements get a name, which makes node-postgres prepare each once per connection */
function asker(named: boolean) {
  return (name: Name, values: readonly unknown[]): Query =>
    named ? { name, text: SQL[name], values } : { text: SQL[name], values };
}

export async function viaPool(url: string, named: boolean, max = CONNECTIONS): Promise<Client> {
  const pool = await pgPool(url, max);
  const query = asker(named);
  return {
    one: async (i) => (await pool.query<{ n: number }>(query("one", [i]))).rows[0]?.n,
    ten: async (from) => (await pool.query<Contact>(query("ten", [from, from + 9]))).rows,
    slow: async (i, seconds) => (await pool.query<{ n: number }>(query("slow", [i, seconds]))).rows[0]?.n,
    close: () => pool.end(),
  };
}

export async function viaConnect(url: string, named: boolean): Promise<ScopeClient> {
  const pool = await pgPool(url);
  const query = asker(named);
  return {
    async scope(i) {
      const client = await pool.connect();
      try {
        return (await client.query<{ n: number }>(query("one", [i]))).rows[0]?.n;
      } finally {
        client.release();
      }
    },
    async transaction(id, age) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        await client.query<Contact>(query("read", [id]));
        await client.query(query("change", [id, age]));
        const { rows } = await client.query<{ age: number }>(query("age", [id]));
        await client.query("commit");
        return rows[0]?.age;
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
