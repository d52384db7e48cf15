import { startMariaDB } from "../../test/support/servers/mariadb.ts";
import { startPostgres } from "../../test/support/servers/postgres.ts";
import type { Server } from "./part.ts";

/** Servers of this run's own, each started when it is first asked for; they end with this process. */
export class Servers {
  readonly #going = new Map<Server, Promise<Running>>();
  readonly #versions: Record<string, string> = {};

  /** The URL of a server. */
  async url(server: Server): Promise<string> {
    const going = this.#going.get(server) ?? this.#start(server);
    this.#going.set(server, going);
    return (await going).url;
  }

  /** The versions of those that were started. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Ends them. */
  async end(): Promise<void> {
    for (const going of this.#going.values()) await (await going)[Symbol.asyncDispose]();
  }

  async #start(server: Server): Promise<Running> {
    if (server === "mysql") {
      const running = await startMariaDB();
      const [row] = await running.exec<{ v: string }>("select version() as v");
      this.#versions.MariaDB = row?.v ?? "unknown";
      return running;
    }
    const running = await startPostgres();
    const [row] = await running.exec<{ v: string }>("select current_setting('server_version') as v");
    this.#versions.PostgreSQL = row?.v ?? "unknown";
    return running;
  }
}

interface Running extends AsyncDisposable {
  readonly url: string;
}
