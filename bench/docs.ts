/** `npm run bench:docs`: writes the figures of the newest results into `docs/performance.md`, and draws its charts. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHARTS, draw } from "./harness/charts.ts";
import { filled } from "./harness/figures.ts";
import { latest } from "./harness/latest.ts";
import { installPeers } from "./harness/peers.ts";

const docs = join(import.meta.dirname, "../docs");
const results = latest();

const page = join(docs, "performance.md");
writeFileSync(page, filled(readFileSync(page, "utf8"), results));

installPeers();
mkdirSync(join(docs, "charts"), { recursive: true });
for (const chart of CHARTS) {
  const found = results.get(chart.part);
  if (found === undefined) continue;
  writeFileSync(join(docs, "charts", `${chart.file}.svg`), await draw(chart, found));
}
