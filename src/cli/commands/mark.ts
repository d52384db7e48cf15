import type { Command } from "commander";
import { toJson } from "../../rider/report/data.ts";
import { type Desk, example } from "../desk.ts";
import { type RunningOptions, running, withLockTimeout } from "../running.ts";
import { UsageError } from "../world.ts";

interface Options extends RunningOptions {
  readonly to?: string;
  readonly all?: boolean;
}

export function addMark(rider: Command, { world, withRider }: Desk): void {
  withLockTimeout(
    rider
      .command("mark")
      .description("record a migration as applied without running it, or accept an edited one as it is now")
      .argument("[id]", "the migration (an id, or an index)")
      .option("--to <id>", "this one and all before it, for a database that exists already")
      .option("--all", "all of them"),
  )
    .addHelpText("after", example("rider mark 1602721237-add-pg-extensions", "rider mark --all"))
    .action(async (id: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { to, all } = options;
      if ([id, to, all].every((one) => one === undefined)) {
        throw new UsageError(
          "mark needs to know which: an ID, --to ID (that one and all before it), or --all. Nothing was changed.",
        );
      }
      const marked = await withRider(options, (rider) =>
        running(options, world, (how) => rider.mark({ ...how, id, to, all })),
      );
      if (options.json) world.out.write(`${toJson({ marked })}\n`);
      else if (marked.length === 0) world.out.write("Nothing to mark: recorded already.\n");
      else for (const one of marked) world.out.write(`Marked ${one} as applied\n`);
    });
}

export function addUnmark(rider: Command, { world, withRider }: Desk): void {
  withLockTimeout(
    rider
      .command("unmark")
      .description("record a migration as not applied without undoing it")
      .argument("<id>", "the migration (an id, or an index)"),
  )
    .addHelpText("after", example("rider unmark 1602721237-add-pg-extensions"))
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RunningOptions>();
      const unmarked = await withRider(options, (rider) =>
        running(options, world, (how) => rider.unmark({ ...how, id })),
      );
      world.out.write(options.json ? `${toJson({ unmarked })}\n` : `Marked ${unmarked} as not applied\n`);
    });
}
