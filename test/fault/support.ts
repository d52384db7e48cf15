import type { TestContext } from "node:test";
import { PooledMySQLDatabase, type PooledOptions, PooledPostgreSQLDatabase } from "apocryphan/pool";
import { startMariaDB } from "../support/servers/mariadb.ts";
import { startPostgres } from "../support/servers/postgres.ts";

/** The databases that have a server to lose. */
export const SERVERS = ["postgresql", "mysql"] as const;
export type ServerKind = (typeof SERVERS)[number];

/** Each client by which one of these is reached, with its database. */
export const CLIENTS: readonly { readonly kind: ServerKind; readonly client: string }[] = [
  { kind: "postgresql", client: "pg" },
  { kind: "mysql", client: "mysql2" },
  { kind: "mysql", client: "mariadb" },
];

export type FaultPool = PooledPostgreSQLDatabase | PooledMySQLDatabase;

/** What the suite's cases need to know about a database. */
export interface Facts {
  /** A query that takes so many seconds. */
  sleep(seconds: number): string;
  /** How many sessions the server has of that user, itself not counted. */
  sessions(user: string): string;
}

export const FACTS: Record<ServerKind, Facts> = {
  postgresql: {
    sleep: (seconds) => `select pg_sleep(${seconds})`,
    sessions: (user) =>
      `select count(*)::int as n from pg_stat_activity where usename = '${user}' and pid <> pg_backend_pid()`,
  },
  mysql: {
    sleep: (seconds) => `select sleep(${seconds})`,
    sessions: (user) =>
      `select count(*) as n from information_schema.processlist where user = '${user}' and id <> connection_id()`,
  },
};

/** A server of this test's own, for breaking. */
export async function startServer(
  kind: ServerKind,
  t: Pick<TestContext, "after">,
  settings: Record<string, string | number> = {},
) {
  const server = await (kind === "postgresql" ? startPostgres({ settings }) : startMariaDB({ settings }));
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

export type FaultServer = Awaited<ReturnType<typeof startServer>>;

/** A user whose sessions can be counted apart from those of the tests themselves, with nothing but its own rights. */
export const GUEST = "guest";
const PASSWORD = "Gu3st-pass";

/** Makes the guest, and a table `things` for it. */
export async function inviteGuest(kind: ServerKind, server: FaultServer): Promise<void> {
  if (kind === "postgresql") {
    await server.exec(
      `create user ${GUEST} password '${PASSWORD}'; create table things (id int primary key); grant all on things to ${GUEST}`,
    );
    // Careless servers forget at kill -9 what is not on disk.
    await server.exec("checkpoint");
  } else {
    await server.exec("create database if not exists test");
    await server.exec("create table test.things (id int primary key)");
    await server.exec(`create user ${GUEST}@'%' identified by '${PASSWORD}'`);
    await server.exec(`grant all on test.* to ${GUEST}@'%'`);
  }
}

/** `url` as the guest comes in. */
export function guestUrl(kind: ServerKind, url: string): string {
  const changed = new URL(url);
  changed.username = GUEST;
  changed.password = PASSWORD;
  changed.pathname = kind === "postgresql" ? "/postgres" : "/test";
  return changed.href;
}

/** How many sessions the guest has on the server. */
export async function guestSessions(kind: ServerKind, server: FaultServer): Promise<number> {
  const [row] = await server.exec<{ n: number }>(FACTS[kind].sessions(GUEST));
  return Number(row?.n);
}

/** The numbers and ports by which the server tells sessions apart; a server that was started anew gives numbers out again. */
const SESSIONS: Record<ServerKind, { readonly mine: string; readonly all: string }> = {
  postgresql: {
    mine: "select pg_backend_pid() as id, inet_client_port() as port",
    all: `select pid as id, client_port as port from pg_stat_activity where usename = '${GUEST}'`,
  },
  mysql: {
    mine: "select id, substring_index(host, ':', -1) as port from information_schema.processlist where id = connection_id()",
    all: `select id, substring_index(host, ':', -1) as port from information_schema.processlist where user = '${GUEST}'`,
  },
};

interface SessionRow {
  readonly id: number;
  readonly port: number | string;
}

/** What tells the session of a connection apart from all others. */
export async function sessionOf(
  kind: ServerKind,
  conn: { get<Row>(text: string): Promise<Row> },
): Promise<string> {
  const { id, port } = await conn.get<SessionRow>(SESSIONS[kind].mine);
  return `${id}:${port}`;
}

/** How many of the sessions `known` the server has. Those that cancel a statement or end a session are not known. */
export async function knownSessions(
  kind: ServerKind,
  server: FaultServer,
  known: ReadonlySet<string>,
): Promise<number> {
  const rows = await server.exec<SessionRow>(SESSIONS[kind].all);
  return rows.filter(({ id, port }) => known.has(`${id}:${port}`)).length;
}

/** A pool, closed when the test is over. */
export function openPool(kind: ServerKind, t: Pick<TestContext, "after">, options: PooledOptions): FaultPool {
  const db = kind === "postgresql" ? new PooledPostgreSQLDatabase(options) : new PooledMySQLDatabase(options);
  t.after(() => db.closeAll());
  return db;
}

/** Takes `count` connections at once, so that the pool has as many, and gives the driver's own objects. */
export async function warm(db: FaultPool, count: number): Promise<Set<unknown>> {
  let there = 0;
  let open: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  const raws = await Promise.all(
    Array.from({ length: count }, () =>
      db.withConnection(async ({ raw }) => {
        if (++there === count) open();
        await all;
        return raw;
      }),
    ),
  );
  return new Set(raws);
}
