import { relative } from "node:path";
import type { Command } from "commander";
import { toJson } from "../../rider/report/data.ts";
import { createFiles } from "../../rider/run/create.ts";
import { sourceFolder } from "../config.ts";
import { type Desk, example } from "../desk.ts";
import { type GlobalOptions, UsageError } from "../world.ts";

interface Options extends GlobalOptions {
  readonly message?: string;
  readonly sql?: boolean;
}

export function addCreate(rider: Command, { world }: Desk): void {
  rider
    .command("create")
    .description("write the file of a new migration, which depends on all current heads")
    .argument("[message]", "what it is about")
    .option("-m, --message <message>", "what it is about: its description, and the words of its file's name")
    .option("--sql", "write SQL files instead of TypeScript")
    .addHelpText("after", example('rider create -m "add contacts table"'))
    .action(async (words: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const message = options.message ?? words;
      if (message === undefined)
        throw new UsageError('create needs a message: rider create -m "add contacts table"');
      const folder = await sourceFolder(options, world);
      const created = await createFiles(folder, { message, form: options.sql ? "sql" : "ts" });
      if (options.json) world.out.write(`${toJson(created)}\n`);
      else for (const file of created.files) world.out.write(`Created ${shown(file, world.cwd)}\n`);
    });
}

/** A path as a person at this folder would write it. */
function shown(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return short.startsWith("..") ? file : short;
}
