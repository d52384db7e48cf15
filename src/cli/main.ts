import { CommanderError } from "commander";
import { ApocryphanError, OptionError } from "../base/error.ts";
import { RiderError } from "../rider/model/errors.ts";
import { isUsage } from "../rider/plan/problems.ts";
import { toJson } from "../rider/report/data.ts";
import { program } from "./program.ts";
import { paintFor } from "./terminal.ts";
import { EXIT, processWorld, UsageError, type World } from "./world.ts";

/**
 * The program `rider`: understands the arguments, runs the command, and gives the exit code. Never throws and never ends the process.
 *
 * @param argv the arguments without the program
 * @param given where it reads and writes; the process's own streams by default
 */
export async function main(argv: readonly string[], given: Partial<World> = {}): Promise<number> {
  const world: World = { ...processWorld(), ...given };
  let code: number = EXIT.done;
  try {
    await program(world, (ended) => {
      code = ended;
    }).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    // Commander has printed its own words already. Help and version that were asked for are no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    tell(error, argv.includes("--json"), world);
    return exitCode(error);
  }
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError || error instanceof OptionError) return EXIT.usage;
  const wrong = error instanceof RiderError && error.problems.length > 0 && error.problems.every(isUsage);
  return wrong ? EXIT.usage : EXIT.failed;
}

/** One paragraph on standard error; with `--json` also a document on standard output, for the program that reads it. */
function tell(error: unknown, json: boolean, { out, err }: World): void {
  const known = error instanceof ApocryphanError || error instanceof UsageError;
  const message =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  err.write(`${paintFor(err)("bad", "error:")} ${message.replaceAll(/\n+/g, known ? " " : "\n")}\n`);
  if (!json) return;
  const { code, problems, at, state } = error as Partial<RiderError & { at: unknown; state: unknown }>;
  out.write(`${toJson({ error: { code: code ?? "USAGE", message, problems, at, state } })}\n`);
}
