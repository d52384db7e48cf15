import type { Command } from "commander";
import { statusData, toJson } from "../../rider/report/data.ts";
import { migrationsTable } from "../../rider/report/table.ts";
import { type Desk, example } from "../desk.ts";
import { drawn, paintFor } from "../terminal.ts";
import type { GlobalOptions } from "../world.ts";

export function addMigrations(rider: Command, { world, withRider }: Desk): void {
  rider
    .command("migrations")
    .alias("status")
    .description("list all migrations in the order in which they are applied; times are UTC")
    .addHelpText("after", example("rider migrations"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const rows = await withRider(options, (rider) => rider.migrations());
      if (options.json) world.out.write(`${toJson(statusData(rows))}\n`);
      else if (rows.length === 0)
        world.out.write("There are no migrations yet. `rider create` writes one.\n");
      else world.out.write(`${await drawn(migrationsTable(rows, paintFor(world.out)), world)}\n`);
    });
}
