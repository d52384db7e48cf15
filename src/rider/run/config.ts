import { type Duration, milliseconds } from "../../base/duration.ts";
import { OptionError } from "../../base/error.ts";
import { nearest } from "../../base/nearest.ts";

/** How Rider works in a project; everything has a default. */
export interface RiderConfig {
  /** The folder of migrations; in `rider.ts` relative to that file, for the class relative to the working folder. @default "./migrations" */
  readonly source?: string | undefined;
  /** The table of applied migrations; a schema may stand before it, divided by a dot. @default "_rider_migrations" */
  readonly tableName?: string | undefined;
  /** The table of what was done when and by whom. @default "_rider_logs" */
  readonly logName?: string | undefined;
  /**
   * What one transaction holds, where DDL can be rolled back: the whole `"run"`, or each `"migration"`.
   * MySQL commits with every DDL statement, so there it changes nothing.
   * @default "run"
   */
  readonly transaction?: "run" | "migration" | undefined;
  /** How long to wait for another run, in seconds or with a unit; `0` does not wait. @default 60 */
  readonly lockTimeout?: Duration | undefined;
  /**
   * How long a statement may wait for a lock of the database, in seconds or with a unit: PostgreSQL's `lock_timeout`, MySQL's `lock_wait_timeout`
   * and `innodb_lock_wait_timeout` (whole seconds), SQLite's `busy_timeout`.
   * @default what the database is set to
   */
  readonly statementLockTimeout?: Duration | undefined;
}

/** A configuration in which everything has a value. */
export interface FullConfig {
  readonly source: string;
  readonly tableName: string;
  readonly logName: string;
  readonly transaction: "run" | "migration";
  readonly lockTimeout: Duration;
  readonly statementLockTimeout: Duration | undefined;
}

/** What holds where a configuration says nothing. */
export const DEFAULTS: FullConfig = {
  source: "./migrations",
  tableName: "_rider_migrations",
  logName: "_rider_logs",
  transaction: "run",
  lockTimeout: 60,
  statementLockTimeout: undefined,
};

const NAMES = Object.keys(DEFAULTS);

/**
 * Gives a configuration as it is, checked; in `rider.ts`, editors complete its names.
 *
 * @throws OptionError for a name that does not exist, or a value that does not fit
 */
export function defineConfig(config: RiderConfig): RiderConfig {
  fullConfig(config);
  return config;
}

/** A configuration with its defaults. @throws OptionError */
export function fullConfig(config: RiderConfig = {}): FullConfig {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new OptionError(
      "config",
      'Rider\'s configuration is an object, such as { source: "./migrations" }.',
    );
  }
  for (const name of Object.keys(config)) {
    if (NAMES.includes(name)) continue;
    const near = nearest(name, NAMES);
    throw new OptionError(
      name,
      `Rider's configuration has no "${name}". ${near === undefined ? `Known are ${NAMES.join(", ")}.` : `Did you mean "${near}"?`}`,
    );
  }
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const full = { ...DEFAULTS, ...given } as FullConfig;
  for (const name of ["source", "tableName", "logName"] as const) {
    if (typeof full[name] !== "string" || full[name].trim() === "") {
      throw new OptionError(name, `Rider's configuration has a "${name}" that is no text, or an empty one.`);
    }
  }
  if (full.tableName === full.logName) {
    throw new OptionError(
      "logName",
      `Rider's configuration gives its two tables the same name, "${full.tableName}".`,
    );
  }
  if (full.transaction !== "run" && full.transaction !== "migration") {
    throw new OptionError(
      "transaction",
      'Rider\'s configuration takes "run" or "migration" as "transaction".',
    );
  }
  milliseconds("lockTimeout", full.lockTimeout, { zero: true });
  if (full.statementLockTimeout !== undefined)
    milliseconds("statementLockTimeout", full.statementLockTimeout);
  return full;
}
