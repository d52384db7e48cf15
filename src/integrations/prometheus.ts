import type { Registry } from "prom-client";
import client from "prom-client";
import { OptionError } from "../base/error.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Database } from "../index.ts";
import { Collector, LABELS } from "./prometheus/collector.ts";

/** What `collect` takes. */
export interface CollectOptions {
  /** Where the metrics are registered. @default prom-client's own, `client.register` */
  readonly register?: Registry | undefined;
  /** What the metrics' names begin with. @default "apocryphan_" */
  readonly prefix?: string | undefined;
  /** Labels of your own for this database object's metrics, such as `{ service: "billing" }`. The same names for all in one register. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The label `pool`. @default the pool's `name` where one was given, else `host:port/database` */
  readonly pool?: string | undefined;
  /** Upper limits of the histograms' buckets, in seconds. Those of the first that is collected in a register hold for all. @default 0.0005 to 10 */
  readonly buckets?: readonly number[] | undefined;
}

/** What `collect` gives. */
export interface Collecting {
  /** Ends it: the database object's series are removed, and with the last one's the metrics. Twice is fine. */
  stop(): void;
  [Symbol.dispose](): void;
}

const NAMES = ["register", "prefix", "labels", "pool", "buckets"];
const BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** What is collected in a register, by the metrics' prefix. */
const collectors = new WeakMap<Registry, Map<string, Collector>>();

/**
 * Collects a database object's metrics for prom-client: its statements, and with a pool its connections. Several database
 * objects in one register share the metrics and are told apart by the label `pool`.
 *
 * @throws OptionError where an option does not exist or does not fit, and where the register has that `pool` already
 */
export function collect(db: Database, options: CollectOptions = {}): Collecting {
  check(db, options);
  const { register = client.register, prefix = "apocryphan_", labels = {}, buckets = BUCKETS } = options;
  const kept = collectors.get(register) ?? new Map<string, Collector>();
  collectors.set(register, kept);
  const collector = kept.get(prefix) ?? new Collector(register, prefix, Object.keys(labels), buckets);
  kept.set(prefix, collector);
  const leave = collector.add(db, { ...labels, pool: options.pool ?? db.origin.name });
  const stop = (): void => {
    leave();
    if (collector.empty && kept.get(prefix) === collector) kept.delete(prefix);
  };
  return { stop, [Symbol.dispose]: stop };
}

function check(db: Database, options: CollectOptions): void {
  if (typeof db?.origin?.name !== "string") {
    throw new OptionError("db", "collect takes a database object first, such as a PooledPostgreSQLDatabase.");
  }
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw unknownOption("collect", name, NAMES);
  }
  const { prefix, pool, labels, buckets } = options;
  if (prefix !== undefined && !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    throw new OptionError(
      "prefix",
      'The option "prefix" takes letters, digits and "_", as metrics are named: https://prometheus.io/docs/concepts/data_model/.',
    );
  }
  if (pool !== undefined && (typeof pool !== "string" || pool === "")) {
    throw new OptionError("pool", 'The option "pool" takes a string that is not empty.');
  }
  for (const name of Object.keys(labels ?? {})) {
    if (!LABELS.includes(name) && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) continue;
    throw new OptionError(
      "labels",
      `A label of "labels" can't be called "${name}": names are made of letters, digits and "_", and ${LABELS.join(", ")} are taken.`,
    );
  }
  if (buckets !== undefined && (!Array.isArray(buckets) || !buckets.every((limit) => limit > 0))) {
    throw new OptionError("buckets", 'The option "buckets" takes a list of seconds, such as [0.01, 0.1, 1].');
  }
}
