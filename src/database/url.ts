import { readFileSync } from "node:fs";
import { OptionError } from "../base/error.ts";
import { nearest } from "../base/nearest.ts";
import type { DialectName } from "../dialect/dialect.ts";

/** What a URL says, in the words of the connection options. */
export interface UrlOptions {
  host?: string;
  port?: number;
  hosts?: { host: string; port?: number }[];
  socketPath?: string;
  user?: string;
  password?: string;
  database?: string;
  ssl?: boolean | "prefer" | object;
  applicationName?: string;
  connectTimeout?: number;
  driver?: Record<string, unknown>;
}

const SCHEMES: Record<string, DialectName> = {
  "postgres:": "postgresql",
  "postgresql:": "postgresql",
  "mysql:": "mysql",
  "mariadb:": "mysql",
  "sqlite:": "sqlite",
};

/** The dialect that a URL is for, by its scheme. @throws OptionError where there is none */
export function dialectOfUrl(url: string): DialectName {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase() ?? "";
  const dialect = SCHEMES[scheme];
  if (dialect !== undefined) return dialect;
  const near = nearest(scheme, Object.keys(SCHEMES));
  throw new OptionError(
    "url",
    `The option "url" does not begin as a database URL does: with postgresql:, postgres:, mysql:, mariadb: or sqlite:.${near === undefined ? "" : ` Did you mean "${near}"?`}`,
  );
}

/**
 * Reads a database URL.
 *
 * @throws OptionError where it does not fit; the message never shows the URL, which may hold a password
 */
export function parseUrl(url: unknown, dialect: DialectName): UrlOptions {
  if (typeof url !== "string")
    throw new OptionError("url", 'The option "url" takes a string such as postgresql://user@host/database.');
  if (dialectOfUrl(url) !== dialect) {
    throw new OptionError(
      "url",
      `The option "url" is for another kind of database: this class is for ${dialect}. Use the class that the URL is for.`,
    );
  }
  return dialect === "sqlite" ? sqliteUrl(url) : serverUrl(url, dialect);
}

/** `sqlite:app.db`, `sqlite:///var/lib/app.db`, `sqlite::memory:`. */
function sqliteUrl(url: string): UrlOptions {
  const [path = "", query] = url.slice("sqlite:".length).replace(/^\/\//, "").split("?", 2);
  if (query)
    throw new OptionError(
      "url",
      "A sqlite: URL takes nothing after a question mark. Give such options beside it, as driver: { … }.",
    );
  if (path === "")
    throw new OptionError("url", "A sqlite: URL names a file, as in sqlite:app.db, or is sqlite::memory:.");
  return { database: decode(path) };
}

/** `//user:password@host:port,host:port/database?key=value`. Several hosts are more than `URL` understands. */
const SERVER = /^[a-z]+:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;

function serverUrl(url: string, dialect: DialectName): UrlOptions {
  const match = SERVER.exec(escapedUserInfo(url));
  if (match === null) {
    throw new OptionError(
      "url",
      `The option "url" can't be read. It is written as ${dialect}://user:password@host:port/database; signs such as @ or / in the password are written as %40, %2F.`,
    );
  }
  const [, userinfo, authority = "", database, query] = match;
  const found: UrlOptions = {};
  if (userinfo) {
    const colon = userinfo.indexOf(":");
    const user = decode(colon < 0 ? userinfo : userinfo.slice(0, colon));
    if (user !== "") found.user = user;
    if (colon >= 0) found.password = decode(userinfo.slice(colon + 1));
  }
  const hosts = authority.split(",").filter(Boolean).map(hostOf);
  const [first] = hosts;
  if (hosts.length > 1) found.hosts = hosts;
  else if (first?.host.startsWith("/")) found.socketPath = first.host;
  else Object.assign(found, first);
  if (database) found.database = decode(database);
  for (const [key, value] of new URLSearchParams(query ?? "")) readKey(found, key, value, dialect);
  return found;
}

/** An `@` in a password, though it should be written as `%40`, is told from the one before the host: that is the last. */
function escapedUserInfo(url: string): string {
  const start = url.indexOf("//") + 2;
  const end = url.slice(start).search(/[/?#]/);
  const authority = end < 0 ? url.slice(start) : url.slice(start, start + end);
  const at = authority.lastIndexOf("@");
  if (at < 0) return url;
  return url.slice(0, start) + authority.slice(0, at).replaceAll("@", "%40") + url.slice(start + at);
}

function hostOf(text: string): { host: string; port?: number } {
  const match = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(text);
  if (match === null)
    throw new OptionError(
      "url",
      'The option "url" has a host that can\'t be read. It is written as host or host:port, IPv6 as [::1]:port.',
    );
  const host = decode((match[1] ?? "").replace(/^\[|\]$/g, ""));
  return { host: host === "" ? "localhost" : host, ...(match[2] ? { port: portOf(match[2]) } : {}) };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new OptionError(
    "url",
    'The option "url" has a port that is none: a port is a whole number from 1 to 65535.',
  );
}

type KeyReader = (found: UrlOptions, value: string) => void;

const toDriver =
  (name: string, read: (value: string) => unknown = (value) => value): KeyReader =>
  (found, value) => {
    found.driver = { ...found.driver, [name]: read(value) };
  };

const file =
  (name: string): KeyReader =>
  (found, value) => {
    const ssl = typeof found.ssl === "object" ? found.ssl : {};
    found.ssl = { ...ssl, [name]: readFileSync(value, "utf8") };
  };

const seconds: KeyReader = (found, value) => {
  found.connectTimeout = Number(value);
};

const application: KeyReader = (found, value) => {
  found.applicationName = value;
};

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const POSTGRESQL_KEYS: Record<string, KeyReader> = {
  sslmode,
  ssl: switchSsl,
  sslrootcert: file("ca"),
  sslcert: file("cert"),
  sslkey: file("key"),
  application_name: application,
  connect_timeout: seconds,
  host: (found, value) => {
    found[value.startsWith("/") ? "socketPath" : "host"] = value;
  },
  port: (found, value) => {
    found.port = portOf(value);
  },
  user: (found, value) => {
    found.user = value;
  },
  password: (found, value) => {
    found.password = value;
  },
  dbname: (found, value) => {
    found.database = value;
  },
  options: toDriver("options"),
  channel_binding: toDriver("enableChannelBinding", (value) => value !== "disable"),
};

const MYSQL_KEYS: Record<string, KeyReader> = {
  sslmode,
  "ssl-mode": (found, value) =>
    sslmode(
      found,
      value
        .toLowerCase()
        .replace("_", "-")
        .replace("required", "require")
        .replace("disabled", "disable")
        .replace("preferred", "prefer")
        .replace("verify-identity", "verify-full"),
    ),
  ssl: switchSsl,
  application_name: application,
  connect_timeout: seconds,
  charset: toDriver("charset"),
  timezone: toDriver("timezone"),
  socket: (found, value) => {
    found.socketPath = value;
  },
};

const SWITCH: Record<string, string> = {
  true: "verify-full",
  "1": "verify-full",
  false: "disable",
  "0": "disable",
  "no-verify": "no-verify",
};

/**
 * The clients' own key: `true`, `false`, `no-verify`, or TLS options as JSON, as hosting companies write it. What is not
 * understood is refused, since it must not turn encryption off without a word.
 */
function switchSsl(found: UrlOptions, value: string): void {
  const mode = Object.hasOwn(SWITCH, value) ? SWITCH[value] : undefined;
  if (mode !== undefined) {
    sslmode(found, mode);
    return;
  }
  const options = parsed(value);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(
      "ssl",
      'The key ssl of a URL takes true, false, no-verify, or TLS options as JSON such as {"rejectUnauthorized":true}. How strict it is can be said by sslmode.',
    );
  }
  found.ssl = { ...(typeof found.ssl === "object" ? found.ssl : {}), ...options };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS */
function sslmode(found: UrlOptions, mode: string): void {
  const more = typeof found.ssl === "object" ? found.ssl : {};
  switch (mode) {
    case "disable":
      found.ssl = false;
      return;
    case "allow":
    case "prefer":
      found.ssl = "prefer";
      return;
    case "require":
    case "no-verify":
      found.ssl = { rejectUnauthorized: false, ...more };
      return;
    case "verify-ca":
      found.ssl = { checkServerIdentity: () => undefined, ...more };
      return;
    case "verify-full":
      found.ssl = Object.keys(more).length > 0 ? more : true;
      return;
    default:
      throw new OptionError(
        "sslmode",
        "The key sslmode of a URL takes disable, allow, prefer, require, verify-ca or verify-full.",
      );
  }
}

function readKey(found: UrlOptions, key: string, value: string, dialect: DialectName): void {
  const keys = dialect === "mysql" ? MYSQL_KEYS : POSTGRESQL_KEYS;
  const reader = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (reader === undefined) {
    const near = nearest(key, Object.keys(keys));
    throw new OptionError(
      "url",
      `The URL has a key "${key}" that is not known. ${near === undefined ? `Known are ${Object.keys(keys).join(", ")}.` : `Did you mean "${near}"?`} What is for the driver alone can be given as driver: { … }.`,
    );
  }
  reader(found, value);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OptionError(
      "url",
      'The option "url" has a percent sign that encodes nothing. Write a percent sign as %25.',
    );
  }
}
