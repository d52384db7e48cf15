import { PooledMySQLDatabase } from "apocryphan/pool";
import { peer } from "../harness/peers.ts";
import { type Client, CONNECTIONS, type Contact } from "./statements.ts";

const ONE = "select cast(? as signed) as n";
const TEN = "select id, name, age from contacts where id between ? and ? order by id";

export function ours(url: string, client: "mysql2" | "mariadb"): Client {
  const options = { client, maxConnections: CONNECTIONS, timeout: 0, autoconnect: true };
  const db = new PooledMySQLDatabase({ url, ...options });
  return {
    one: async (i) => (await db.get<{ n: number }>(ONE, [i])).n,
    ten: (from) => db.select<Contact>(TEN, [from, from + 9]),
    close: () => db.closeAll(),
  };
}

type Runs<Answer> = <Row>(text: string, values: readonly unknown[]) => Promise<Answer & readonly Row[]>;

interface MySQL2 {
  createPool(options: object): {
    query<Row>(text: string, values: readonly unknown[]): Promise<[readonly Row[], unknown]>;
    execute<Row>(text: string, values: readonly unknown[]): Promise<[readonly Row[], unknown]>;
    end(): Promise<void>;
  };
}

export async function mysql2(url: string, how: "query" | "execute"): Promise<Client> {
  const { createPool } = await peer<MySQL2>("mysql2/promise");
  const pool = createPool({ uri: url, connectionLimit: CONNECTIONS });
  return {
    one: async (i) => (await pool[how]<{ n: number }>(ONE, [i]))[0][0]?.n,
    ten: async (from) => (await pool[how]<Contact>(TEN, [from, from + 9]))[0],
    close: () => pool.end(),
  };
}

interface MariaDB {
  createPool(options: object): { query: Runs<object>; execute: Runs<object>; end(): Promise<void> };
}

export async function mariadb(url: string, how: "query" | "execute"): Promise<Client> {
  const { createPool } = await peer<MariaDB>("mariadb");
  const { hostname, port, username, password, pathname } = new URL(url);
  const pool = createPool({
    ...{ host: hostname, port: Number(port), user: decodeURIComponent(username) },
    ...{ password: decodeURIComponent(password), database: pathname.slice(1) },
    connectionLimit: CONNECTIONS,
    // By default it opens all its connections ahead, and refuses callers who wait longer than ten seconds.
    bigIntAsNumber: true,
  });
  return {
    one: async (i) => (await pool[how]<{ n: number }>(ONE, [i]))[0]?.n,
    ten: (from) => pool[how]<Contact>(TEN, [from, from + 9]),
    close: () => pool.end(),
  };
}
