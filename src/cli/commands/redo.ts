import type { Command } from "commander";
import { type Desk, example } from "../desk.ts";
import { printResult, type RunningOptions, running, withLockTimeout } from "../running.ts";

interface Options extends RunningOptions {
  readonly force?: boolean;
}

export function addRedo(rider: Command, { world, withRider }: Desk): void {
  withLockTimeout(
    rider
      .command("redo")
      .description("roll the last one back and apply it again")
      .option("--force", "undo the record alone where it can't be undone")
      .option("--dry-run", "print the exact statements and do nothing"),
  )
    .addHelpText("after", example("rider redo"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { force, dryRun } = options;
      const result = await withRider(options, (rider) =>
        running(options, world, (how) => rider.redo({ ...how, force, dryRun })),
      );
      printResult(result, options, world);
    });
}
