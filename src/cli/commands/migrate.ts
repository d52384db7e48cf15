import type { Command } from "commander";
import { type Desk, example } from "../desk.ts";
import { printResult, type RunningOptions, running, withLockTimeout } from "../running.ts";

interface Options extends RunningOptions {
  readonly to?: string;
}

export function addMigrate(rider: Command, { world, withRider }: Desk): void {
  withLockTimeout(
    rider
      .command("migrate")
      .description("apply what is pending, dependencies first")
      .option("--to <id>", "apply no further than this one (an id, or an index)")
      .option("--dry-run", "print the exact statements and do nothing"),
  )
    .addHelpText(
      "after",
      example("rider migrate", "rider migrate --to 1602721237-add-pg-extensions --dry-run"),
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { to, dryRun } = options;
      const result = await withRider(options, (rider) =>
        running(options, world, (how) => rider.migrate({ ...how, to, dryRun })),
      );
      printResult(result, options, world);
    });
}
