import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "./wait.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface RunningExample {
  /** The address that it printed. */
  readonly url: string;
  /** Tells it to end, and gives the exit code and what it wrote to standard error. */
  stop(): Promise<{ code: number | null; complained: string }>;
}

/** Starts a program that prints its address; killed at the latest when the test is over. */
export async function startExample(
  context: { after(fn: () => void): void },
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = ROOT,
): Promise<RunningExample> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, PORT: "0", ...env } });
  context.after(() => void child.kill("SIGKILL"));
  let said = "";
  let complained = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  child.stderr.on("data", (text) => {
    complained += text;
  });
  const ended = once(child, "close");
  const url = await until("its address", () => {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${complained}`);
    return /http:\S+/.exec(said)?.[0] ?? "";
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return { code, complained };
    },
  };
}
