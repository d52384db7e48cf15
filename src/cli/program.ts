import { Command } from "commander";
import { version } from "../rider/run/version.ts";
import { addCheck } from "./commands/check.ts";
import { addCreate } from "./commands/create.ts";
import { addGraph } from "./commands/graph.ts";
import { addMark, addUnmark } from "./commands/mark.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addMigrations } from "./commands/migrations.ts";
import { addRedo } from "./commands/redo.ts";
import { addRollback } from "./commands/rollback.ts";
import { addRun } from "./commands/run.ts";
import { openRider } from "./config.ts";
import { type Desk, example } from "./desk.ts";
import type { World } from "./world.ts";

/** The whole command line. It throws a `CommanderError` instead of ending the process. */
export function program(world: World, end: (code: number) => void): Command {
  const desk: Desk = {
    world,
    end,
    async withRider(options, work) {
      const { rider, close } = await openRider(options, world);
      try {
        return await work(rider);
      } finally {
        await close();
      }
    },
  };
  const rider = new Command("rider")
    .description("Moves a PostgreSQL, MySQL/MariaDB or SQLite database through its migrations.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .helpCommand("help [command]", "explain a command")
    .option(
      "--config <file>",
      "the configuration (default: rider.ts, .mts, .js or .mjs here or in the nearest folder above)",
    )
    .option(
      "--url <url>",
      "the database: sqlite:app.db, postgresql://user@host/name or mysql://user@host/name",
    )
    .option("--source <dir>", "the folder of migrations (default: the configuration's, or ./migrations)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      example(
        'rider create -m "add contacts table"',
        "rider migrate",
        "rider migrations",
        "rider rollback --last 1",
      ),
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => world.out.write(text), writeErr: (text) => world.err.write(text) })
    .exitOverride();
  for (const add of [
    addCreate,
    addMigrations,
    addMigrate,
    addRollback,
    addRedo,
    addMark,
    addUnmark,
    addCheck,
    addGraph,
    addRun,
  ]) {
    add(rider, desk);
  }
  return rider;
}
