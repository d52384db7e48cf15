import { CHARTS } from "./charts.ts";
import type { Latest } from "./latest.ts";
import { number, tables } from "./markdown.ts";
import { mostRounds } from "./results.ts";

/**
 * What `docs/performance.md` quotes stands between a line `<!-- figures: part/case -->` (or `part/case/metric`,
 * `part/targets`, or `chart/file`) and the next `<!-- end -->`, and is written by `npm run bench:docs` from the newest results.
 */
const BLOCK = /^(<!-- figures: (\S+) -->)\n[\s\S]*?^(<!-- end -->)$/gm;

/** The page with every block filled in anew. */
export function filled(page: string, results: ReadonlyMap<string, Latest>): string {
  return page.replaceAll(
    BLOCK,
    (_, begin: string, what: string, end: string) => `${begin}\n${block(what, results)}\n${end}`,
  );
}

function block(what: string, results: ReadonlyMap<string, Latest>): string {
  const [part = "", name = "", metric] = what.split("/");
  if (part === "chart") return picture(name, results);
  const found = results.get(part);
  if (found === undefined)
    return `\nNo run of this part is kept here; \`npm run bench -- ${part}\` makes one.\n`;
  if (name === "targets") return `\n${targets(found)}\n\n${source(found)}\n`;
  const kase = found.part.cases.find((one) => one.name === name);
  if (kase === undefined) throw new Error(`bench/results/${found.file} has no case ${part}/${name}.`);
  const shown =
    metric === undefined ? kase : { ...kase, metrics: kase.metrics.filter((one) => one.name === metric) };
  return `${tables(shown).join("\n")}\n\n${source(found)}\n`;
}

/** A chart, where there are results to draw it from. */
function picture(file: string, results: ReadonlyMap<string, Latest>): string {
  const chart = CHARTS.find((one) => one.file === file);
  if (chart === undefined) throw new Error(`There is no chart ${file}.`);
  return results.has(chart.part) ? `\n![${chart.title}](charts/${file}.svg)\n` : "";
}

function targets({ part }: Latest): string {
  const rows = part.targets
    .filter(({ found }) => found !== undefined)
    .map(
      ({ what, wanted, found, met }) =>
        `| ${what} | ${wanted} | ${number(found ?? 0)}${met ? "" : " (not reached)"} |`,
    );
  return ["| aimed at | wanted | found |", "| --- | ---: | ---: |", ...rows].join("\n");
}

function source({ file, run, part }: Latest): string {
  const { machine, versions } = run;
  const least = Math.min(...part.cases.map((kase) => kase.rounds ?? part.rounds));
  const most = Math.max(...part.cases.map((kase) => mostRounds(kase, kase.rounds ?? part.rounds)));
  const medians = least === most ? `${least}` : `${least} to ${most}`;
  return `[Measured on ${run.date}](../bench/results/${file.replace(/json$/, "md")}): medians of ${medians}, ${machine.cpus} processors, Node.js ${versions["Node.js"]}.`;
}
