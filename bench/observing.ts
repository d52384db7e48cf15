/**
 * What being watched costs: `node --conditions=apocryphan-source bench/observing.ts`. One process a trial, the ways of watching in turn,
 * medians of several rounds, in time of the processor. The database is SQLite in memory, whose statement is the shortest there is, so that the cost is large beside it.
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { metrics, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { instrument } from "apocryphan/opentelemetry";
import { PooledSQLiteDatabase } from "apocryphan/pool";
import { collect } from "apocryphan/prometheus";

const ROUNDS = 3;
const TIMES = 20_000;

/** Spans go nowhere: sending them is the exporter's own cost. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
};

const WAYS: Record<string, (db: PooledSQLiteDatabase) => void> = {
  "nobody listens": () => {},
  "nobody listens, again": () => {},
  prometheus: (db) => void collect(db),
  "opentelemetry, metrics": (db) => void instrument(db, { meterProvider: meters(), spans: false }),
  "opentelemetry, metrics and spans": (db) =>
    void instrument(db, {
      meterProvider: meters(),
      tracerProvider: new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: nowhere })] }),
    }),
  "opentelemetry without an SDK": (db) =>
    void instrument(db, {
      meterProvider: metrics.getMeterProvider(),
      tracerProvider: trace.getTracerProvider(),
    }),
};

function meters(): MeterProvider {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  return new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
}

/** Nanoseconds of the processor for a connection that is taken and given back, and for a statement. */
interface Figures {
  readonly loan: number;
  readonly statement: number;
}

async function trial(way: string): Promise<Figures> {
  const db = new PooledSQLiteDatabase({ database: ":memory:" });
  WAYS[way]?.(db);
  const loan = await each(() => db.withConnection(() => undefined));
  const statement = await db.withConnection((conn) => each(() => conn.select("select 1 as one")));
  return { loan, statement };
}

/** Nanoseconds of the processor that one call takes, when the compiler has seen enough of it; other programs hardly change them. */
async function each(fn: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < TIMES / 2; i++) await fn();
  const before = process.cpuUsage();
  for (let i = 0; i < TIMES; i++) await fn();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / TIMES;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const [way] = process.argv.slice(2);
if (way !== undefined) {
  process.stdout.write(JSON.stringify(await trial(way)), () => process.exit(0));
} else {
  const seen = new Map<string, Figures[]>(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, figures] of seen) {
      const args = [...process.execArgv, import.meta.filename, name];
      figures.push(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Figures);
    }
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${cpus()[0]?.model}, medians of ${ROUNDS}\n`,
  );
  console.log("| who listens | ns a loan | ns a statement |\n| --- | --- | --- |");
  for (const [name, figures] of seen) {
    const of = (field: keyof Figures): number => Math.round(median(figures.map((figure) => figure[field])));
    console.log(`| ${name} | ${of("loan")} | ${of("statement")} |`);
  }
}
