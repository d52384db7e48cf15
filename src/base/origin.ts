/**
 * Where a database object leads, in words for labels and logs; nothing in it is secret. The same object is in each of the
 * database object's events, by which they are told from those of others.
 */
export interface Origin {
  /** What to call it: the pool's `name` where one was given, else `host:port/database`, or SQLite's file. */
  readonly name: string;
  readonly dialect: "postgresql" | "mysql" | "sqlite";
  /** The database's name, as it was given; for SQLite the file. `undefined` where the driver chooses. */
  readonly database: string | undefined;
  /** The host, the socket's path, or several hosts with commas between them. `undefined` for SQLite. */
  readonly host: string | undefined;
  /** `undefined` for SQLite, for a socket, and where several hosts have different ports (`host` then says which). */
  readonly port: number | undefined;
}

/** What is known of one server. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string | undefined;
  readonly database?: string | undefined;
}

/** The origin of what connects to these servers, which are hosts of one database. */
export function originOf(
  dialect: Origin["dialect"],
  servers: readonly Server[],
  name: string | undefined,
): Origin {
  const [first] = servers;
  const { database } = first ?? {};
  if (dialect === "sqlite") {
    return Object.freeze({
      name: name ?? database ?? "sqlite",
      dialect,
      database,
      host: undefined,
      port: undefined,
    });
  }
  const samePort = servers.every(({ port, socketPath }) => port === first?.port && socketPath === undefined);
  const host = servers
    .map((server) => server.socketPath ?? (samePort ? server.host : `${server.host}:${server.port}`))
    .join(",");
  const port = samePort ? first?.port : undefined;
  const where = `${host}${port === undefined ? "" : `:${port}`}${database === undefined ? "" : `/${database}`}`;
  return Object.freeze({ name: name ?? where, dialect, database, host, port });
}
