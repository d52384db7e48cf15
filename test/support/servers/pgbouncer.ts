import { join } from "node:path";
import { removeFolder, temporaryFolder, writeOwned } from "./folder.ts";
import { find } from "./mariadb.ts";
import { freePort } from "./port.ts";
import { Server } from "./server.ts";

export interface PgBouncerOptions {
  /** @default "transaction" */
  readonly poolMode?: "session" | "transaction" | "statement";
  /** Connections to the server for each user and database. @default 20 */
  readonly poolSize?: number;
  /** Further lines of the section `[pgbouncer]`: https://www.pgbouncer.org/config.html */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A throw-away PgBouncer in front of a PostgreSQL. */
export class PgBouncerServer extends Server {
  readonly #target: URL;

  constructor(folder: string, port: number, command: string, target: URL) {
    super(port, {
      name: `PgBouncer on port ${port}`,
      command,
      args: [join(folder, "pgbouncer.ini")],
      folder,
      log: join(folder, "log"),
      orderly: "SIGINT",
      quick: "SIGTERM",
      ready: (log) => log.includes("process up"),
    });
    this.#target = target;
  }

  /** As the target's, with this host and port. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = this.host;
    url.port = String(this.port);
    return url.href;
  }
}

/** Starts a PgBouncer that serves every database of the server behind `target`, a URL with user and password. */
export async function startPgBouncer(
  target: string,
  options: PgBouncerOptions = {},
): Promise<PgBouncerServer> {
  const command = find("pgbouncer");
  if (!command) {
    throw new Error(
      'The tests need PgBouncer, and this machine has none. Install it (Debian, Ubuntu: "apt-get install pgbouncer", macOS: "brew install pgbouncer"; "npm run install-servers" does it where it may).',
    );
  }
  const url = new URL(target);
  for (let tries = 1; ; tries++) {
    const folder = temporaryFolder();
    try {
      const port = await freePort();
      const settings = {
        listen_addr: "127.0.0.1",
        listen_port: port,
        unix_socket_dir: folder,
        auth_type: "scram-sha-256",
        auth_file: join(folder, "users"),
        pool_mode: options.poolMode ?? "transaction",
        default_pool_size: options.poolSize ?? 20,
        max_client_conn: 1000,
        ignore_startup_parameters: "extra_float_digits",
        ...options.settings,
      };
      const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
      writeOwned(
        join(folder, "pgbouncer.ini"),
        `[databases]\n* = host=${url.hostname} port=${url.port || 5432}\n[pgbouncer]\n${lines.join("\n")}\n`,
      );
      writeOwned(
        join(folder, "users"),
        `"${decodeURIComponent(url.username)}" "${decodeURIComponent(url.password)}"\n`,
      );
      const server = new PgBouncerServer(folder, port, command, url);
      await server.restart();
      return server;
    } catch (error) {
      removeFolder(folder);
      if (tries === 3 || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

/** Whether this machine has what `startPgBouncer` needs. */
export function hasPgBouncer(): boolean {
  return find("pgbouncer") !== undefined;
}
