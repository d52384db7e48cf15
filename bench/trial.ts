/** One trial in a process of its own: `node bench/trial.ts '{"part": …}'`. Prints the figures as the last line, as JSON. */
import type { Part, Trial } from "./harness/part.ts";

const trial = JSON.parse(process.argv[2] ?? "{}") as Trial;
// Only the part in question, since loading the others would take longer than some trials. Each lies in a file of its name.
const parts = (await import(`./parts/${trial.part}.ts`)) as Readonly<Record<string, Part | undefined>>;
const contestant = Object.values(parts)
  .find((part) => part?.name === trial.part)
  ?.cases.find(({ name }) => name === trial.case)
  ?.contestants.find(({ name }) => name === trial.contestant);
if (contestant === undefined) throw new Error(`${trial.part} has no ${trial.contestant} in ${trial.case}.`);
const figures = await contestant.run(trial);
// What a contestant leaves running is not waited for.
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
