import { type Command, Option } from "commander";
import { statusData, toJson } from "../../rider/report/data.ts";
import { graphDot, graphMermaid, graphText } from "../../rider/report/graph.ts";
import { type Desk, example } from "../desk.ts";
import { paintFor } from "../terminal.ts";
import type { GlobalOptions } from "../world.ts";

interface Options extends GlobalOptions {
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly svg?: boolean;
}

export function addGraph(rider: Command, { world, withRider }: Desk): void {
  rider
    .command("graph")
    .description("show which migration depends on which, and which are applied")
    .addOption(new Option("--mermaid", "for Mermaid").conflicts(["dot", "svg"]))
    .addOption(new Option("--dot", "for Graphviz").conflicts(["mermaid", "svg"]))
    .addOption(new Option("--svg", "as a picture").conflicts(["mermaid", "dot"]))
    .addHelpText("after", example("rider graph", "rider graph --svg > graph.svg"))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const rows = await withRider(options, (rider) => rider.migrations());
      if (options.json) world.out.write(`${toJson(statusData(rows))}\n`);
      else if (options.mermaid) world.out.write(graphMermaid(rows));
      else if (options.dot) world.out.write(graphDot(rows));
      else if (options.svg) {
        // What lays it out is only loaded by who wants a picture.
        const { graphSvg } = await import("../svg.ts");
        world.out.write(graphSvg(rows));
      } else world.out.write(`${graphText(rows, paintFor(world.out))}\n`);
    });
}
