import { CommanderError } from "commander";
import { thrown } from "../base/thrown.ts";
import type { Problem } from "../rider/model/problem.ts";
import { isUsage } from "../rider/plan/problems.ts";
import { toJson } from "../rider/report/data.ts";
import { program } from "./program.ts";
import { paintFor } from "./terminal.ts";
import { EXIT, UsageError, type World, worldOf } from "./world.ts";

/**
 * The program `rider`: understands the arguments, runs the command, and gives the exit code. Never throws and never ends the process.
 *
 * @param argv the arguments without the program
 * @param given where it reads and writes; the process's own streams by default
 */
export async function main(argv: readonly string[], given: Partial<World> = {}): Promise<number> {
  const world = worldOf(given);
  let code: number = EXIT.done;
  try {
    await program(world, (ended) => {
      code = ended;
    }).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version that were asked for are no mistake.
      if (error.exitCode === 0) return EXIT.done;
      // Commander has printed its own words already.
      if (argv.includes("--json")) world.out.write(`${toJson({ error: usage(error) })}\n`);
      return EXIT.usage;
    }
    tell(error, argv.includes("--json"), world);
    return exitCode(error);
  }
}

function usage({ code, message }: CommanderError): { code: string; message: string } {
  // Where no command was given, help was printed, and "(outputHelp)" is the whole message.
  return {
    code: "USAGE",
    message:
      code === "commander.help"
        ? "There is no command. `rider --help` lists them."
        : message.replace(/^error: /, ""),
  };
}

/** What an error of this library carries. Told by its code, since `rider.ts` may bring another copy of the library with it. */
type Known = Error & {
  readonly code: string;
  readonly problems?: readonly Problem[];
  readonly at?: unknown;
  readonly state?: unknown;
};

function isKnown(error: unknown): error is Known {
  return (
    error instanceof Error &&
    /^[A-Z][A-Z_]+$/.test(String((error as Partial<Known>).code)) &&
    error.message.endsWith(`(${(error as Known).code})`)
  );
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!isKnown(error)) return EXIT.failed;
  const { code, problems = [] } = error;
  const wrong = code === "OPTION_INVALID" || (problems.length > 0 && problems.every(isUsage));
  return wrong ? EXIT.usage : EXIT.failed;
}

/** One paragraph on standard error; with `--json` also a document on standard output, for the program that reads it. */
function tell(error: unknown, json: boolean, { out, err }: World): void {
  const known = isKnown(error) || error instanceof UsageError;
  const message =
    error instanceof Error
      ? known
        ? error.message
        : (error.stack ?? error.message)
      : `It threw ${thrown(error)}, which is not an Error.`;
  err.write(`${paintFor(err)("bad", "error:")} ${message.replaceAll(/\n+/g, known ? " " : "\n")}\n`);
  if (!json) return;
  const { code, problems, at, state } = (error ?? {}) as Partial<Known>;
  out.write(`${toJson({ error: { code: code ?? "USAGE", message, problems, at, state } })}\n`);
}
