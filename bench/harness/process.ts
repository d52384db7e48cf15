import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Figures, Trial } from "./part.ts";

const PROGRAM = join(import.meta.dirname, "../trial.ts");
const FLAGS = ["--conditions=apocryphan-source", "--expose-gc", "--disable-warning=ExperimentalWarning"];

/** Seconds that a trial may take beyond what it measures. */
const GRACE = 60;

/**
 * Runs a trial in a process of its own.
 *
 * @throws Error with what it said where it fails, gives a wrong answer or does not end
 */
export async function runTrial(trial: Trial): Promise<Figures> {
  const node = [process.execPath, ...FLAGS, PROGRAM, JSON.stringify(trial)];
  const [program = "", ...args] =
    trial.processor === undefined ? node : ["taskset", "-c", trial.processor, ...node];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), (trial.warmUp + trial.seconds + GRACE) * 1000);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal));
  });
  clearTimeout(timer);
  const { part, contestant, width } = trial;
  const what = `${part}: ${trial.case}, ${contestant}, ${width} callers`;
  if (code !== 0) throw new Error(`${what}: ended with ${String(code)}.\n${err.trimEnd()}`);
  const line = out.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as Figures;
  } catch {
    throw new Error(`${what}: printed no figures but ${JSON.stringify(line.slice(0, 200))}.`);
  }
}
