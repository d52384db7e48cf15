import type { Command } from "commander";
import type { RiderEvent } from "../rider/model/event.ts";
import { toJson } from "../rider/report/data.ts";
import { dryRun, planData } from "../rider/report/dry-run.ts";
import type { RunResult } from "../rider/run/rider.ts";
import { narrator, paintFor } from "./terminal.ts";
import type { GlobalOptions, World } from "./world.ts";

/** What the commands that run migrations have in common on the command line. */
export interface RunningOptions extends GlobalOptions {
  readonly dryRun?: boolean | undefined;
  readonly lockTimeout?: string | undefined;
}

export function withLockTimeout(command: Command): Command {
  return command.option(
    "--lock-timeout <time>",
    'how long to wait for another run, in seconds or as "5m" (default: 60)',
  );
}

/** A duration as it is typed: a bare number counts seconds. */
export function duration(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** What `Rider` is given of them. */
export interface Running {
  readonly lockTimeout: number | string | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RiderEvent) => void;
}

/**
 * Runs something that can be stopped: SIGINT and SIGTERM end it after the statement in hand. A second one ends the process at once, which
 * the next run copes with too.
 */
export async function running<Value>(
  options: RunningOptions,
  world: World,
  work: (running: Running) => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    world.err.write(`${name}: ending after the statement in hand. Once more ends at once.\n`);
    stop.abort(name);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work({
      lockTimeout: duration(options.lockTimeout),
      signal: stop.signal,
      onEvent: narrator(world, Boolean(options.json || options.dryRun)),
    });
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** Prints what a run did, or would do, where the events have not said it. */
export function printResult(result: RunResult, options: RunningOptions, { out }: World): void {
  const { plan, applied, rolledBack, warnings, seconds } = result;
  if (options.json && options.dryRun) out.write(`${toJson({ dryRun: true, ...planData(plan) })}\n`);
  else if (options.json) out.write(`${toJson({ applied, rolledBack, warnings, seconds })}\n`);
  else if (options.dryRun) out.write(dryRun(plan, paintFor(out)));
}
