import { type CaseResult, mostRounds, type PartResult, type Results } from "./results.ts";

/** A run as a page for people. */
export function markdown(results: Results): string {
  const { machine, versions, date, commit, quick, took } = results;
  const lines = [
    `# Measured on ${date}`,
    "",
    `Commit ${commit}. ${machine.cpus} processors (${machine.cpu}), ${machine.memory}, ${machine.system}; load before the run ${machine.loadBefore}. The run took ${Math.round(took)} s.`,
    "",
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    "",
    "Medians of several rounds; each trial is a process of its own, and contestants take turns. The number in brackets is that contestant's figure divided by the first one's. Every answer was checked.",
  ];
  if (quick) lines.push("", "**A quick run: too short for its figures to be quoted.**");
  for (const part of results.parts) lines.push("", ...section(part));
  return `${lines.join("\n")}\n`;
}

function section(part: PartResult): string[] {
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : ["", `${title}:`, "", ...items.map((item) => `- ${item}`)];
  return [
    `## ${part.title}`,
    "",
    ...part.about.flatMap((paragraph) => [paragraph, ""]),
    `${part.rounds} rounds.`,
    ...part.cases.flatMap((kase) => {
      const { rounds = part.rounds } = kase;
      const most = mostRounds(kase, rounds);
      const own =
        most > rounds
          ? ["", `${rounds} rounds, up to ${most} for what a close target is about.`]
          : rounds === part.rounds
            ? []
            : ["", `${rounds} rounds.`];
      return ["", `### ${kase.title}`, ...own, ...tables(kase)];
    }),
    ...judged(part),
    ...list("Left out", part.leftOut),
    ...list("Where the figures flatter us, or wrong us", part.flatters),
  ];
}

/** One table for each metric: contestants down, widths across. */
export function tables(kase: CaseResult): string[] {
  const names = [...new Set(kase.reached.map(({ contestant }) => contestant))];
  const lines: string[] = [];
  for (const { name, title } of kase.metrics) {
    const at = (contestant: string, width: number): number | undefined =>
      kase.reached.find((one) => one.contestant === contestant && one.width === width)?.figures[name]?.median;
    const rows = names.filter((contestant) =>
      kase.widths.some((width) => at(contestant, width) !== undefined),
    );
    const [first] = rows;
    if (first === undefined) continue;
    lines.push(
      "",
      `| ${title}; ${kase.unit}: | ${kase.widths.map((width) => width.toLocaleString("en")).join(" | ")} |`,
      `| --- |${" ---: |".repeat(kase.widths.length)}`,
    );
    for (const contestant of rows) {
      const cells = kase.widths.map((width) => {
        const value = at(contestant, width);
        const base = at(first, width);
        if (value === undefined) return "–";
        if (contestant === first || base === undefined || base === 0) return number(value);
        return `${number(value)} (${number(value / base)})`;
      });
      lines.push(`| ${contestant} | ${cells.join(" | ")} |`);
    }
  }
  for (const { contestant, width, failed } of kase.reached) {
    if (failed !== undefined) lines.push("", `${contestant}, ${width}: ${failed}`);
  }
  return lines;
}

function judged({ targets }: PartResult): string[] {
  const known = targets.filter(({ found }) => found !== undefined);
  if (known.length === 0) return [];
  return [
    "",
    "| what was aimed at | wanted | found | |",
    "| --- | ---: | ---: | --- |",
    ...known.map(
      ({ what, wanted, found, met }) =>
        `| ${what} | ${wanted} | ${number(found ?? 0)} | ${met ? "reached" : "not reached"} |`,
    ),
  ];
}

/** Three digits that count, whatever the size. */
export function number(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(Number(value.toPrecision(3))).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
