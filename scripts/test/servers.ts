import { URLS } from "../../test/support/database.ts";
import { removeFolder } from "../../test/support/servers/folder.ts";
import { hasMariaDB, startMariaDB } from "../../test/support/servers/mariadb.ts";
import { findPostgres, startPostgres } from "../../test/support/servers/postgres.ts";
import type { Server } from "../../test/support/servers/server.ts";
import { SHARED } from "../../test/support/servers/shared.ts";
import { installServers } from "../install-servers.ts";

/** The servers of one run. */
export interface Servers {
  /** The environment in which the test files find them. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name already.
 *
 * @param folder the run's own, where the files will look for what is made once a run; removed by `stop`
 * @param needed `false` where no selected file asks for a server
 * @throws Error that says what to install
 */
export async function startServers(folder: string, needed: boolean): Promise<Servers> {
  const env: NodeJS.ProcessEnv = {
    // A developer's own PGHOST, PGPASSWORD or MYSQL_PWD must not decide how a test ends.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|MYSQL_)[A-Z_]+$/.test(name))),
    [SHARED]: folder,
  };
  process.env[SHARED] = folder;
  const started: Server[] = [];
  const start = async (name: string, make: () => Promise<Server>): Promise<void> => {
    if (process.env[name]) return;
    const server = await make();
    started.push(server);
    env[name] = server.url;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((server) => server[Symbol.asyncDispose]()));
    removeFolder(folder);
  };
  if (!needed) return { env, stop };
  if (!process.env[URLS.mysql] && !hasMariaDB()) await installServers();
  const all = [
    start(URLS.postgresql, () => startPostgres({ version: "newest" })),
    start(URLS.mysql, () => startMariaDB()),
  ];
  if (findPostgres("system")) {
    all.push(start(URLS["postgresql-system"], () => startPostgres({ version: "system" })));
  }
  const failed = (await Promise.allSettled(all)).find((result) => result.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { env, stop };
}
