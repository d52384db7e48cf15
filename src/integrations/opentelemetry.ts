import { channel, tracingChannel } from "node:diagnostics_channel";
import {
  type Attributes,
  context,
  type Meter,
  type MeterProvider,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { OptionError } from "../base/error.ts";
import { unknownOption } from "../base/unknown.ts";
import type { Database, Origin, StatementEvent, Summary } from "../index.ts";
import type { AcquireEvent, ConnectEvent, PoolEvent, PoolMembers, ReleaseEvent } from "../pool.ts";

/** What `instrument` takes. */
export interface InstrumentOptions {
  /** Makes the metrics. @default the global one, `metrics.getMeterProvider()` */
  readonly meterProvider?: MeterProvider | undefined;
  /** Makes the spans. @default the global one, `trace.getTracerProvider()` */
  readonly tracerProvider?: TracerProvider | undefined;
  /** What the pool is called in `db.client.connection.pool.name`. @default the pool's `name` where one was given, else `host:port/database` */
  readonly poolName?: string | undefined;
  /** `db.system.name`: which product it is, where the name of the database object does not say it, such as `"mariadb"`. @default `"postgresql"`, `"mysql"` or `"sqlite"` */
  readonly systemName?: string | undefined;
  /** Whether a span shows the statement. One with parameters is shown as it is; any other with `?` for each value written in it. @default true */
  readonly queryText?: boolean | undefined;
  /** Whether statements become spans. @default true */
  readonly spans?: boolean | undefined;
  /** Whether statements outside of any span become spans too. @default true */
  readonly rootSpans?: boolean | undefined;
}

/** What `instrument` gives. */
export interface Instrumented {
  /** Ends it: nothing is measured any more, and no span is begun. Twice is fine. */
  stop(): void;
  [Symbol.dispose](): void;
}

const NAMES = [
  "meterProvider",
  "tracerProvider",
  "poolName",
  "systemName",
  "queryText",
  "spans",
  "rootSpans",
];
const SCOPE = "apocryphan";
/** Seconds, as the conventions ask for durations: https://opentelemetry.io/docs/specs/semconv/db/database-metrics/ */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const POOL_NAME = "db.client.connection.pool.name";
const STATE = "db.client.connection.state";

/**
 * Measures a database object by OpenTelemetry's conventions for databases: `db.client.operation.duration` and a span for each
 * statement, and with a pool the `db.client.connection.*` metrics. It listens to the events on `node:diagnostics_channel`,
 * so what was made before is measured from now on.
 *
 * @throws OptionError where an option does not exist or does not fit
 */
export function instrument(db: Database, options: InstrumentOptions = {}): Instrumented {
  check(db, options);
  const { meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider() } = options;
  const meter = meterProvider.getMeter(SCOPE);
  const tracer = options.spans === false ? undefined : tracerProvider.getTracer(SCOPE);
  const ends = [watchStatements(db.origin, meter, tracer, options)];
  if (isPooled(db)) ends.push(watchPool(db, meter, options.poolName ?? db.origin.name));
  const stop = (): void => {
    for (const end of ends.splice(0)) end();
  };
  return { stop, [Symbol.dispose]: stop };
}

function check(db: Database, options: InstrumentOptions): void {
  if (typeof db?.origin?.name !== "string") {
    throw new OptionError(
      "db",
      "instrument takes a database object first, such as a PooledPostgreSQLDatabase.",
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!NAMES.includes(name)) throw unknownOption("instrument", name, NAMES);
    if (value === undefined) continue;
    if (name.endsWith("Name") && (typeof value !== "string" || value === "")) {
      throw new OptionError(name, `The option "${name}" takes a string that is not empty.`);
    }
    if (["queryText", "spans", "rootSpans"].includes(name) && typeof value !== "boolean") {
      throw new OptionError(name, `The option "${name}" takes true or false.`);
    }
  }
}

function isPooled(db: Database): db is Database & PoolMembers {
  return "stats" in db;
}

/** A statement under way. */
interface Going {
  readonly began: number;
  readonly attributes: Attributes;
  readonly span: Span | undefined;
}

function watchStatements(
  origin: Origin,
  meter: Meter,
  tracer: Tracer | undefined,
  { systemName = origin.dialect, queryText = true, rootSpans = true }: InstrumentOptions,
): () => void {
  const duration = meter.createHistogram("db.client.operation.duration", {
    description: "Duration of database client operations.",
    unit: "s",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const place = present({
    "db.system.name": systemName,
    "db.namespace": origin.database,
    "server.address": origin.host,
    "server.port": origin.port,
  });
  const going = new WeakMap<StatementEvent, Going>();
  // A statement that is said again has the same summary.
  const kinds = new WeakMap<Summary, Attributes>();
  const attributesOf = (summary: Summary): Attributes => {
    const found = kinds.get(summary);
    if (found !== undefined) return found;
    const { text, operation, collection } = summary;
    const attributes = present({
      ...place,
      "db.query.summary": text === "" ? undefined : text,
      "db.operation.name": operation,
      "db.collection.name": collection,
    });
    kinds.set(summary, attributes);
    return attributes;
  };

  const start = (event: StatementEvent): void => {
    if (event.origin !== origin) return;
    const { summary } = event;
    const attributes = attributesOf(summary);
    const wanted = tracer !== undefined && (rootSpans || trace.getSpan(context.active()) !== undefined);
    const span = wanted
      ? tracer.startSpan(summary.text === "" ? systemName : summary.text, {
          kind: SpanKind.CLIENT,
          attributes: queryText ? { ...attributes, "db.query.text": shown(event) } : attributes,
        })
      : undefined;
    going.set(event, { began: performance.now(), attributes, span });
  };

  const asyncEnd = (event: StatementEvent): void => {
    const statement = going.get(event);
    if (statement === undefined) return;
    const { began, span } = statement;
    const seconds = (performance.now() - began) / 1000;
    let { attributes } = statement;
    if (event.error !== undefined) {
      const { type, code, words } = failureOf(event.error, origin.dialect);
      const told = present({ "error.type": type, "db.response.status_code": code });
      attributes = { ...attributes, ...told };
      span?.setAttributes(told).setStatus({ code: SpanStatusCode.ERROR, message: words });
    }
    duration.record(seconds, attributes);
    span?.end();
  };

  const statements = tracingChannel<unknown, StatementEvent>("apocryphan:statement");
  const nothing = (): void => {};
  const subscribers = { start, end: nothing, asyncStart: nothing, asyncEnd, error: nothing };
  statements.subscribe(subscribers);
  return () => void statements.unsubscribe(subscribers);
}

/** The statement without a value: with parameters it is the same for all values; else those written in it are left out. */
function shown(event: StatementEvent): string {
  return event.parameters > 0 ? event.text : event.sanitized;
}

/**
 * What failed, in words that hold no value and no statement. `type` is the database's own code where it gave one, else the
 * error's class.
 */
function failureOf(
  error: unknown,
  dialect: Origin["dialect"],
): { type: string; code: string | undefined; words: string } {
  if (!(error instanceof Error)) return { type: "_OTHER", code: undefined, words: "_OTHER" };
  const seen = error as Error & { sqlState?: string; errno?: number; kind?: string; code?: string };
  // PostgreSQL's code is the SQLSTATE, MySQL's its error number, SQLite's its result code.
  const own = dialect === "postgresql" ? seen.sqlState : seen.errno;
  const code = seen.kind === undefined || own === undefined ? undefined : String(own);
  const what = seen.kind ?? seen.code ?? error.name;
  return { type: code ?? error.name, code, words: code === undefined ? what : `${what} [${code}]` };
}

function watchPool(db: Database & PoolMembers, meter: Meter, name: string): () => void {
  const { origin } = db;
  const pool = { [POOL_NAME]: name };
  const idle = { ...pool, [STATE]: "idle" };
  const used = { ...pool, [STATE]: "used" };
  const connections = (suffix: string, description: string, unit = "{connection}") =>
    meter.createObservableUpDownCounter(`db.client.connection.${suffix}`, { description, unit });
  const times = (suffix: string, description: string) =>
    meter.createHistogram(`db.client.connection.${suffix}`, {
      description,
      unit: "s",
      advice: { explicitBucketBoundaries: BOUNDARIES },
    });

  const count = connections("count", "The number of connections that are currently in the state given.");
  const idleMax = connections("idle.max", "The maximum number of idle open connections allowed.");
  const idleMin = connections("idle.min", "The minimum number of idle open connections allowed.");
  const max = connections("max", "The maximum number of open connections allowed.");
  const pending = connections(
    "pending_requests",
    "The number of current pending requests for an open connection.",
    "{request}",
  );
  const timeouts = meter.createObservableCounter("db.client.connection.timeouts", {
    description: "The number of timeouts that have occurred trying to obtain a connection from the pool.",
    unit: "{timeout}",
  });
  const all = [count, idleMax, idleMin, max, pending, timeouts];
  const observe: Parameters<Meter["addBatchObservableCallback"]>[0] = (result) => {
    const stats = db.stats();
    result.observe(count, stats.idle, idle);
    result.observe(count, stats.inUse, used);
    result.observe(idleMax, stats.max, pool);
    result.observe(idleMin, stats.min, pool);
    result.observe(max, stats.max, pool);
    result.observe(pending, stats.waiting, pool);
    result.observe(timeouts, stats.timeouts, pool);
  };
  meter.addBatchObservableCallback(observe, all);

  const createTime = times("create_time", "The time it took to create a new connection.");
  const waitTime = times("wait_time", "The time it took to obtain an open connection from the pool.");
  const useTime = times("use_time", "The time between borrowing a connection and returning it to the pool.");
  const ends = [
    listen<AcquireEvent>("acquire", origin, ({ waited }) => waitTime.record(waited / 1000, pool)),
    listen<ReleaseEvent>("release", origin, ({ held }) => useTime.record(held / 1000, pool)),
    listen<ConnectEvent>("connect", origin, ({ took, error }) => {
      if (error === undefined) createTime.record(took / 1000, pool);
    }),
  ];
  return () => {
    meter.removeBatchObservableCallback(observe, all);
    for (const end of ends) end();
  };
}

/** Calls `heard` with each event of that name from this pool; gives what ends it. */
function listen<E extends PoolEvent>(event: string, origin: Origin, heard: (event: E) => void): () => void {
  const subscriber = (message: unknown): void => {
    if ((message as E).origin === origin) heard(message as E);
  };
  const events = channel(`apocryphan:pool:${event}`);
  events.subscribe(subscriber);
  return () => void events.unsubscribe(subscriber);
}

/** Without what is not known. */
function present(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
