import type { Command } from "commander";
import { findingsText, toJson } from "../../rider/report/data.ts";
import { type Desk, example } from "../desk.ts";
import { EXIT, type GlobalOptions } from "../world.ts";

export function addCheck(rider: Command, { world, withRider, end }: Desk): void {
  rider
    .command("check")
    .description("for pipelines: exit code 0 where nothing is pending, edited or missing, else 3")
    .addHelpText("after", example("rider check"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const found = await withRider(options, (rider) => rider.check());
      world.out.write(`${options.json ? toJson(found) : findingsText(found)}\n`);
      if (!found.ok) end(EXIT.found);
    });
}
