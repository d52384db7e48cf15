import { PooledPostgreSQLDatabase } from "apocryphan/pool";
import { type Client, CONNECTIONS, type Contact, type ScopeClient, SQL } from "./statements.ts";

function open(url: string, maxConnections: number): PooledPostgreSQLDatabase {
  return new PooledPostgreSQLDatabase({ url, maxConnections, timeout: 0, autoconnect: true });
}

/** Statements outside of scopes. */
export function ours(url: string, max = CONNECTIONS): Client {
  const db = open(url, max);
  return {
    one: async (i) => (await db.get<{ n: number }>(SQL.one, [i])).n,
    ten: (from) => db.select<Contact>(SQL.ten, [from, from + 9]),
    slow: async (i, seconds) => (await db.get<{ n: number }>(SQL.slow, [i, seconds])).n,
    close: () => db.closeAll(),
  };
}

/** Each statement in a scope of its own. */
export function oursInScope(url: string): Client & ScopeClient {
  const db = open(url, CONNECTIONS);
  const one = (i: number): Promise<number> =>
    db.withConnection(async (conn) => (await conn.get<{ n: number }>(SQL.one, [i])).n);
  return {
    one,
    ten: (from) => db.withConnection((conn) => conn.select<Contact>(SQL.ten, [from, from + 9])),
    scope: one,
    transaction: (id, age) =>
      db.atomic(async (conn) => {
        await conn.get<Contact>(SQL.read, [id]);
        await conn.sql(SQL.change, [id, age]);
        return (await conn.get<{ age: number }>(SQL.age, [id])).age;
      }),
    close: () => db.closeAll(),
  };
}
