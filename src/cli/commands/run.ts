import type { Command } from "commander";
import { toJson } from "../../rider/report/data.ts";
import { rowsTable } from "../../rider/report/table.ts";
import { type Desk, example } from "../desk.ts";
import { drawn } from "../terminal.ts";
import { type GlobalOptions, UsageError } from "../world.ts";

interface Options extends GlobalOptions {
  readonly query?: string;
}

export function addRun(rider: Command, { world, withRider }: Desk): void {
  rider
    .command("run")
    .description("run a query and print its rows")
    .argument("[query]", "the query")
    .option("-q, --query <query>", "the query")
    .addHelpText("after", example('rider run -q "select 1"'))
    .action(async (words: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const query = options.query ?? words;
      if (query === undefined) throw new UsageError('run needs a query: rider run -q "select 1"');
      const { rows, rowCount } = await withRider(options, (rider) => rider.run({ query }));
      if (options.json) world.out.write(`${toJson({ rows, rowCount })}\n`);
      else {
        if (rows.length > 0) world.out.write(`${await drawn(rowsTable(rows), world)}\n`);
        world.out.write(`(${rowCount} ${rowCount === 1 ? "row" : "rows"})\n`);
      }
    });
}
