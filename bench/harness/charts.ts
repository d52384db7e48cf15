import type { Latest } from "./latest.ts";
import { peer } from "./peers.ts";
import type { CaseResult } from "./results.ts";

/** A picture of one metric. */
export interface Chart {
  /** The file's name, without its ending. */
  readonly file: string;
  readonly part: string;
  readonly case: string;
  readonly metric: string;
  readonly title: string;
  /** Figures that lie orders of magnitude apart. */
  readonly logarithmic?: boolean;
  /** The only width to show, as bars; otherwise a line over all widths. */
  readonly width?: number;
}

export const CHARTS: readonly Chart[] = [
  {
    ...{ file: "pool-cost", part: "pool", case: "cost", metric: "nanoseconds", logarithmic: true },
    title: "Take a connection and give it back, in nanoseconds (less is better)",
  },
  {
    ...{ file: "postgres-statements", part: "postgres", case: "one", metric: "perSecond" },
    title: "PostgreSQL, select $1::int: statements a second",
  },
  {
    ...{ file: "postgres-cpu", part: "postgres", case: "one", metric: "cpu", width: 100 },
    title: "PostgreSQL, 100 callers: microseconds of processor time for a statement (less is better)",
  },
  {
    ...{ file: "postgres-mixed", part: "mixed", case: "mixed", metric: "p99", width: 100 },
    title: "One statement in 500 takes 50 ms: p99 of the others, in milliseconds (less is better)",
  },
  {
    ...{ file: "postgres-transactions", part: "scope", case: "transaction", metric: "perSecond" },
    title: "PostgreSQL: transactions of three statements, a second",
  },
  {
    ...{ file: "mariadb-statements", part: "mariadb", case: "one", metric: "perSecond" },
    title: "MariaDB, select ?: statements a second",
  },
  {
    ...{ file: "sqlite-points", part: "sqlite", case: "points", metric: "perSecond", logarithmic: true },
    title: "SQLite: point selects a second",
  },
  {
    ...{ file: "rider-postgres", part: "rider", case: "postgresql", metric: "apply", width: 1000 },
    title: "1,000 migrations on PostgreSQL, in milliseconds (less is better)",
  },
];

interface ECharts {
  init(
    element: null,
    theme: null,
    options: object,
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

/** Ours stand out; the others have to be told apart. */
const OURS = ["#0b6e4f", "#3fa34d", "#7bc950", "#a4de9a"];
const OTHERS = ["#8d99ae", "#c1666b", "#4a7fb5", "#d4a24e", "#7b5ea7", "#5c6672", "#b08968", "#4f9d9d"];

/** Draws a chart as SVG. */
export async function draw(chart: Chart, { part, run }: Latest): Promise<string> {
  const kase = part.cases.find(({ name }) => name === chart.case);
  if (kase === undefined) throw new Error(`No case ${chart.part}/${chart.case} in the results.`);
  const echarts = await peer<ECharts>("echarts");
  const picture = echarts.init(null, null, { renderer: "svg", ssr: true, width: 860, height: 440 });
  const caption = { fontSize: 12, fontWeight: "normal", color: "#555" };
  picture.setOption({
    animation: false,
    backgroundColor: "#fff",
    title: {
      ...{ text: chart.title, left: 16, top: 12, textStyle: { fontSize: 15 } },
      ...{
        subtext: `Measured on ${run.date}, medians of ${kase.rounds ?? part.rounds}`,
        subtextStyle: caption,
      },
    },
    ...(chart.width === undefined ? lines(chart, kase) : bars(chart, kase, chart.width)),
  });
  const svg = picture.renderToSVGString();
  picture.dispose();
  return `${svg}\n`;
}

interface Line {
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
}

function series({ metric }: Chart, { reached }: CaseResult, widths: readonly number[]): Line[] {
  const names = [...new Set(reached.map(({ contestant }) => contestant))];
  let ours = 0;
  let others = 0;
  return names.flatMap((name) => {
    const values = widths.map(
      (width) =>
        reached.find((one) => one.contestant === name && one.width === width)?.figures[metric]?.median ??
        null,
    );
    if (values.every((value) => value === null)) return [];
    const own = /^(apocryphan|rider)\b/.test(name);
    const colors = own ? OURS : OTHERS;
    return { name, values, color: colors[(own ? ours++ : others++) % colors.length] ?? "#000" };
  });
}

function lines(chart: Chart, kase: CaseResult): object {
  const all = series(chart, kase, kase.widths);
  return {
    legend: { type: "plain", orient: "vertical", right: 12, top: 70, data: all.map(({ name }) => name) },
    grid: { left: 76, right: 280, top: 80, bottom: 48 },
    xAxis: {
      ...{ type: "category", name: kase.unit, nameLocation: "middle", nameGap: 28 },
      data: kase.widths.map((width) => width.toLocaleString("en")),
    },
    yAxis: { type: chart.logarithmic ? "log" : "value" },
    series: all.map(({ name, values, color }) => ({
      ...{ type: "line", name, data: values, color, symbolSize: 7 },
      lineStyle: { width: OURS.includes(color) ? 3 : 1.5 },
    })),
  };
}

function bars(chart: Chart, kase: CaseResult, width: number): object {
  const all = series(chart, kase, [width]).reverse();
  return {
    grid: { left: 230, right: 70, top: 80, bottom: 36 },
    yAxis: { type: "category", data: all.map(({ name }) => name) },
    xAxis: { type: "value" },
    series: [
      {
        ...{ type: "bar", barCategoryGap: "35%", label: { show: true, position: "right" } },
        data: all.map(({ values, color }) => ({
          value: Number((values[0] ?? 0).toPrecision(3)),
          itemStyle: { color },
        })),
      },
    ],
  };
}
