import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import mysql from "mysql2/promise";
import { removeFolder, temporaryFolder } from "./folder.ts";
import { freePort } from "./port.ts";
import { Server } from "./server.ts";
import { copyFolder, madeOnce, runAs } from "./shared.ts";

/** A user that may do everything, on every server that is started here. */
const MARIADB_USER = "apocryphan";
/** Looks like nothing else, so that a test can search any output for it. */
const MARIADB_PASSWORD = "Tr0mbone-8";

export interface MariaDBOptions {
  /** Options of `mariadbd`, without the leading dashes. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Writes as carefully as in production, for tests about what survives. @default false */
  readonly durable?: boolean;
}

/** A throw-away MariaDB. */
export class MariaDBServer extends Server {
  constructor(folder: string, port: number, command: string, options: MariaDBOptions) {
    const settings = {
      ...(options.durable ? {} : CARELESS),
      ...SETTINGS,
      datadir: join(folder, "data"),
      tmpdir: folder,
      socket: join(folder, "mysqld.sock"),
      "pid-file": join(folder, "pid"),
      port,
      "init-file": join(folder, "init.sql"),
      ...options.settings,
    };
    super(port, {
      name: `MariaDB on port ${port}`,
      command,
      args: ["--no-defaults", ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)],
      folder,
      log: join(folder, "log"),
      orderly: "SIGTERM",
      quick: "SIGKILL",
      ready: (log) => log.includes("ready for connections"),
    });
  }

  get url(): string {
    return this.urlOf("mysql");
  }

  /** The URL of one of its databases. */
  urlOf(database: string): string {
    return `mysql://${MARIADB_USER}:${MARIADB_PASSWORD}@${this.host}:${this.port}/${database}`;
  }

  /** Runs one statement as a user that may do everything, over a connection of its own. */
  exec<Row extends object = Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
    database = "mysql",
  ): Promise<Row[]> {
    return mariadbExec(this.urlOf(database), text, values);
  }
}

/** What a server that nobody needs tomorrow does not wait for. */
const CARELESS = {
  "innodb-flush-method": "nosync",
  "innodb-flush-log-at-trx-commit": 0,
  "innodb-doublewrite": 0,
};
const SETTINGS = {
  "bind-address": "127.0.0.1",
  "max-connections": 300,
  "skip-name-resolve": 1,
  "skip-log-bin": 1,
  "performance-schema": 0,
  "innodb-log-file-size": "8M",
  "innodb-buffer-pool-size": "64M",
  "character-set-server": "utf8mb4",
  "collation-server": "utf8mb4_general_ci",
};

/** Starts a MariaDB with nothing in it. @throws Error where the machine has none, saying how to get it */
export async function startMariaDB(options: MariaDBOptions = {}): Promise<MariaDBServer> {
  const command = need("mariadbd", "mysqld");
  const template = await mariadbTemplate();
  for (let tries = 1; ; tries++) {
    const folder = temporaryFolder();
    try {
      await copyFolder(template, join(folder, "data"));
      writeFileSync(
        join(folder, "init.sql"),
        `create user if not exists ${MARIADB_USER}@'%' identified by '${MARIADB_PASSWORD}';\n` +
          `grant all on *.* to ${MARIADB_USER}@'%' with grant option;\n`,
      );
      const server = new MariaDBServer(folder, await freePort(), command, options);
      await server.restart();
      return server;
    } catch (error) {
      removeFolder(folder);
      if (tries === 3 || !/Can't start server: Bind/i.test(String(error))) throw error;
    }
  }
}

/** Whether this machine has what `startMariaDB` needs. */
export function hasMariaDB(): boolean {
  const programs = [
    ["mariadbd", "mysqld"],
    ["mariadb-install-db", "mysql_install_db"],
    ["my_print_defaults"],
  ];
  return programs.every((names) => find(...names) !== undefined);
}

/** An initialised data folder, made once a run. */
function mariadbTemplate(): Promise<string> {
  const command = need("mariadb-install-db", "mysql_install_db");
  return madeOnce("template-mariadb", async (path) => {
    const cwd = temporaryFolder();
    // A folder of its own for temporary tables: a server that starts deletes those that others have in a shared one.
    const args = [
      "--no-defaults",
      `--datadir=${path}`,
      `--tmpdir=${cwd}`,
      "--auth-root-authentication-method=normal",
    ];
    const quick = ["--skip-test-db", "--innodb-flush-method=nosync", "--innodb-log-file-size=8M"];
    await runAs(command, [...args, ...quick], cwd);
    removeFolder(cwd);
  });
}

/** Runs one statement over a connection of its own. */
export async function mariadbExec<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const connection = await mysql.createConnection({ uri: url, multipleStatements: true });
  try {
    const [rows] = await connection.query(text, values);
    return Array.isArray(rows) ? (rows as Row[]) : [];
  } finally {
    await connection.end();
  }
}

/** Where a program is, under the first of its names that exists. Debian keeps servers off an ordinary user's `PATH`. */
export function find(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = [...folders, "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
  const files = names.flatMap((name) => places.map((folder) => join(folder, name)));
  return files.find((file) => {
    if (!existsSync(file)) return false;
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function need(...names: readonly string[]): string {
  const found = find(...names);
  if (found) return found;
  throw new Error(
    `The tests need MariaDB, and this machine has no ${names[0]}. Install it (Debian, Ubuntu: "apt-get install mariadb-server-core mariadb-client-core", macOS: "brew install mariadb"; "npm run install-servers" does it where it may), or set APOCRYPHAN_TEST_MYSQL_URL to a server of yours.`,
  );
}
