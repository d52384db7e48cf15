/** One trial in a process of its own: `node bench/trial.ts '{"part": …}'`. Prints the figures as the last line, as JSON. */
import type { Trial } from "./harness/part.ts";
import { findPart } from "./parts/index.ts";

const trial = JSON.parse(process.argv[2] ?? "{}") as Trial;
const part = findPart(trial.part);
const contestant = part.cases
  .find(({ name }) => name === trial.case)
  ?.contestants.find(({ name }) => name === trial.contestant);
if (contestant === undefined) throw new Error(`${trial.part} has no ${trial.contestant} in ${trial.case}.`);
const figures = await contestant.run(trial);
// What a contestant leaves running is not waited for.
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
