import { LONGEST_TIMER } from "../base/clock.ts";
import { type Duration, milliseconds } from "../base/duration.ts";
import { OptionError } from "../base/error.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Target } from "../driver/driver.ts";
import { parseUrl, type UrlOptions } from "./url.ts";

/** Options of every database object. A field given beside `url` wins over what the URL says. */
export interface ConnectionOptions {
  /** `postgresql://user:password@host:port/database?sslmode=require`, `mysql://…`, `mariadb://…`, `sqlite:file`. */
  readonly url?: string | undefined;
  /** @default "localhost" */
  readonly host?: string | undefined;
  /** @default 5432 for PostgreSQL, 3306 for MySQL */
  readonly port?: number | undefined;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string | undefined;
  /** @default the driver's own (pg: `PGUSER` or the system's user) */
  readonly user?: string | undefined;
  /** A string, or a function that is asked at each new connection, for tokens that live for a short time. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** The database's name; for SQLite the file, or `":memory:"`, which lives as long as the database object. */
  readonly database?: string | undefined;
  /** `true`, or Node.js's TLS options. @default false */
  readonly ssl?: boolean | object | undefined;
  /** What the server shows as this program's name. */
  readonly applicationName?: string | undefined;
  /** Handed to the driver as it is. */
  readonly driver?: Readonly<Record<string, unknown>> | undefined;
  /** Another driver than the usual: `"mariadb"` for MySQL, `"better-sqlite3"` for SQLite. */
  readonly client?: string | undefined;
  /** Several hosts, tried in order when a connection is opened, beginning with the one that answered last. */
  readonly hosts?: readonly { readonly host: string; readonly port?: number | undefined }[] | undefined;
  /** How long opening a connection may take, in seconds or with a unit. @default 10 */
  readonly connectTimeout?: Duration | undefined;
  /** Whether a statement outside a connection takes one by itself. @default true; false for a pool */
  readonly autoconnect?: boolean | undefined;
}

/** Connection options, read and filled in. */
export interface Connecting {
  /** One for each host. */
  readonly targets: readonly [Target, ...Target[]];
  readonly client: string | undefined;
  readonly autoconnect: boolean | undefined;
}

const CONNECT_TIMEOUT = 10_000;

type Check = readonly [test: (value: unknown) => boolean, takes: string];
const text: Check = [(value) => typeof value === "string" && value !== "", "a string that is not empty"];
const anyText: Check = [(value) => typeof value === "string", "a string"];
const flag: Check = [(value) => typeof value === "boolean", "true or false"];
const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const port: Check = [
  (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
  "a whole number from 1 to 65535",
];

const CHECKS: Record<keyof ConnectionOptions, Check> = {
  url: text,
  host: text,
  port,
  socketPath: text,
  user: anyText,
  password: [
    (value) => typeof value === "string" || typeof value === "function",
    "a string or a function that gives one",
  ],
  database: text,
  ssl: [(value) => typeof value === "boolean" || isObject(value), "true, false or TLS options"],
  applicationName: text,
  driver: [isObject, "an object"],
  client: text,
  hosts: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isHost),
    "a list of at least one { host, port }",
  ],
  connectTimeout: [() => true, "a duration"],
  autoconnect: flag,
};

function isHost(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { host, port: at, ...rest } = value as { host?: unknown; port?: unknown };
  return text[0](host) && (at === undefined || port[0](at)) && Object.keys(rest).length === 0;
}

/** The names of the options of every database object. */
export const CONNECTION_OPTION_NAMES: readonly string[] = Object.keys(CHECKS);

/**
 * Refuses options that do not exist.
 *
 * @throws OptionError with the nearest name that exists
 */
export function checkNames(
  options: unknown,
  known: readonly string[],
  what: string,
): asserts options is Record<string, unknown> {
  if (!isObject(options))
    throw new OptionError("options", `${what} takes an object of options, such as { url: "…" }.`);
  for (const name of Object.keys(options as object)) {
    if (known.includes(name)) continue;
    const more = " What is for the driver alone goes into driver: { … }.";
    throw unknownOption(what, name, known, more, ELSEWHERE);
  }
}

/** What pg and mysql2 call some of these options. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  connectionString: "url",
  uri: "url",
  connectionTimeoutMillis: "timeout",
  connectionLimit: "maxConnections",
  maxLifetimeSeconds: "maxLifetime",
};

/** Options that mean nothing for a file. */
const SERVER_ONLY = ["host", "port", "socketPath", "user", "password", "ssl", "hosts", "applicationName"];

/**
 * Reads connection options.
 *
 * @throws OptionError where one does not fit; no message shows a password
 */
export function readConnection(
  options: ConnectionOptions,
  dialect: Dialect,
  clients: readonly string[],
): Connecting {
  for (const [name, [test, takes]] of Object.entries(CHECKS)) {
    const value = options[name as keyof ConnectionOptions];
    if (value === undefined) continue;
    if (!test(value)) throw new OptionError(name, `The option "${name}" takes ${takes}.`);
    if (dialect.name === "sqlite" && SERVER_ONLY.includes(name)) {
      throw new OptionError(
        name,
        `The option "${name}" means nothing for SQLite, which has no server. The file is given as database.`,
      );
    }
  }
  if (options.client !== undefined && !clients.includes(options.client)) {
    throw new OptionError(
      "client",
      `The option "client" takes ${clients.map((name) => `"${name}"`).join(" or ")} for ${dialect.title}.`,
    );
  }
  const url: UrlOptions = options.url === undefined ? {} : parseUrl(options.url, dialect.name);
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as ConnectionOptions;
  const merged = { ...url, ...given, driver: { ...url.driver, ...given.driver } };
  // A host beside the URL replaces all that the URL says about where.
  if (given.host !== undefined && given.socketPath === undefined) merged.socketPath = undefined;
  if (given.host !== undefined && given.hosts === undefined) merged.hosts = undefined;
  if (dialect.name === "sqlite" && merged.database === undefined) {
    throw new OptionError("database", 'SQLite needs the option "database": a file, or ":memory:".');
  }
  const whole = {
    socketPath: merged.socketPath,
    user: merged.user,
    password: merged.password,
    database: merged.database,
    ssl: merged.ssl,
    applicationName: merged.applicationName,
    connectTimeout:
      merged.connectTimeout === undefined
        ? CONNECT_TIMEOUT
        : Math.min(milliseconds("connectTimeout", merged.connectTimeout), LONGEST_TIMER),
    driver: merged.driver,
  };
  const [first, ...rest] = merged.hosts ?? [{ host: merged.host ?? "localhost", port: merged.port }];
  const target = ({ host, port: at }: { host: string; port?: number | undefined }): Target =>
    host.startsWith("/")
      ? { ...whole, host, port: at ?? dialect.port, socketPath: host }
      : { ...whole, host, port: at ?? merged.port ?? dialect.port };
  return {
    targets: [target(first ?? { host: "localhost" }), ...rest.map(target)],
    client: merged.client,
    autoconnect: merged.autoconnect,
  };
}
