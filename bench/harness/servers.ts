import { startMariaDB } from "../../test/support/servers/mariadb.ts";
import { startPostgres } from "../../test/support/servers/postgres.ts";
import { members } from "../../test/support/servers/processes.ts";
import type { Server } from "./part.ts";
import { bind } from "./processors.ts";

/** Servers of this run's own, each started when it is first asked for; they end with this process. */
export class Servers {
  readonly #going = new Map<Server, Promise<Running>>();
  readonly #versions: Record<string, string> = {};
  #runsOn: string | undefined;

  /** The URL of a server. */
  async url(server: Server): Promise<string> {
    const going = this.#going.get(server) ?? this.#start(server);
    // One that is new runs where it likes.
    if (!this.#going.has(server)) this.#runsOn = undefined;
    this.#going.set(server, going);
    return (await going).url;
  }

  /** The versions of those that were started. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Has them run on these processors only. */
  async runOn(list: string): Promise<void> {
    if (list === this.#runsOn) return;
    this.#runsOn = list;
    for (const going of this.#going.values()) {
      for (const pid of members((await going).pid)) bind(pid, list);
    }
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
  readonly pid: number;
  readonly url: string;
}
