/** OpenTelemetry's own SDK, which keeps what it is given for a test to look at. */
import { type Attributes, context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

/** A point of a metric: where it belongs, and its value. */
export interface Point {
  readonly attributes: Attributes;
  readonly value: number | Histogram;
}

/** A metric as it would be exported now. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly type: string;
  readonly points: readonly Point[];
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** A fresh SDK. */
export function sdk() {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    tracerProvider,
    meterProvider,
    /** The spans that have ended, in that order. */
    spans: (): ReadableSpan[] => spanExporter.getFinishedSpans(),
    /** The metrics at this moment, by their names. */
    metrics: async (): Promise<Map<string, Metric>> => {
      metricExporter.reset();
      await reader.forceFlush();
      const scopes = metricExporter.getMetrics().flatMap((resource) => resource.scopeMetrics);
      return new Map(
        scopes.flatMap(({ metrics }) =>
          metrics.map(({ descriptor, dataPoints, dataPointType }) => {
            const points = (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) => ({
              attributes,
              value,
            }));
            const { name, unit } = descriptor;
            return [name, { name, unit, type: String(dataPointType), points }] as const;
          }),
        ),
      );
    },
  };
}

/** A histogram's point, which has to be there. */
export function histogram(metric: Metric | undefined, index = 0): Histogram {
  const value = metric?.points[index]?.value;
  if (value === undefined || typeof value === "number") throw new Error(`${metric?.name} is no histogram.`);
  return value;
}
