import type { Command } from "commander";
import type { Rider, RollbackCommand } from "../../rider/run/rider.ts";
import { type Desk, example } from "../desk.ts";
import { printResult, type RunningOptions, running, withLockTimeout } from "../running.ts";
import { confirmed } from "../terminal.ts";
import { EXIT, UsageError, type World } from "../world.ts";

interface Options extends RunningOptions {
  readonly index?: string;
  readonly to?: string;
  readonly last?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
}

export function addRollback(rider: Command, { world, withRider, end }: Desk): void {
  withLockTimeout(
    rider
      .command("rollback")
      .description("undo applied migrations, newest first, and before each those that depend on it")
      .option(
        "-i, --index <n>",
        "this one and all after it (an index as `rider migrations` shows it, or an id)",
      )
      .option("--to <id>", "all after this one, which stays (an id, or an index)")
      .option("--last <n>", "the last n that were applied")
      .option("--all", "all of them")
      .option("--force", "undo the record alone where a migration can't be undone")
      .option("--yes", "don't ask, also where more than one is undone")
      .option("--dry-run", "print the exact statements and do nothing"),
  )
    .addHelpText("after", example("rider rollback --last 1", "rider rollback -i 4"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { index, to, last, all, force, dryRun } = options;
      if ([index, to, last, all].every((one) => one === undefined)) {
        throw new UsageError(
          "rollback needs to know how far: -i N (that index and all after it), --to ID (that one stays), --last N, or --all. Nothing was run.",
        );
      }
      const target = { index, to, last, all, force };
      await withRider(options, async (rider) => {
        if (!dryRun && !(await agreed(rider, target, options, world))) {
          world.err.write("Nothing was changed.\n");
          return end(EXIT.failed);
        }
        const result = await running(options, world, (how) => rider.rollback({ ...how, ...target, dryRun }));
        printResult(result, options, world);
      });
    });
}

/** Whether a person at the terminal agrees, or nobody has to be asked: only where there is one, and more than one migration goes. */
async function agreed(
  rider: Rider,
  target: RollbackCommand,
  options: Options,
  world: World,
): Promise<boolean> {
  if (options.yes || options.json || !world.in.isTTY || !world.err.isTTY) return true;
  const { plan } = await rider.rollback({ ...target, dryRun: true });
  const ids = plan.units.flatMap((unit) => unit.migrations.map(({ id }) => id));
  if (ids.length < 2) return true;
  world.err.write(`${ids.map((id) => `  ${id}`).join("\n")}\n`);
  return confirmed(`Roll back these ${ids.length} migrations?`, world);
}
