import { readFileSync, writeSync } from "node:fs";
import { keepCompiled } from "./compiled.ts";

/** Answers `--version` at once; everything else is loaded when it is needed. */
export async function run(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    const file = new URL("../../package.json", import.meta.url);
    writeSync(1, `${(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version}\n`);
    return;
  }
  keepCompiled();
  const json = argv.includes("--json");
  const out = json ? reserved() : process.stdout;
  const [{ main }, { watchEnd }] = await Promise.all([import("./main.ts"), import("./unfinished.ts")]);
  const ended = watchEnd(out, json);
  // A reader that has seen enough (`rider migrations | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    ended();
    process.exit(0);
  });
  const code = await main(argv, { out });
  // What rider.ts has imported may keep timers and connections open; once everything is written, nobody waits for those.
  await Promise.all([out, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
  ended();
  process.exit(code);
}

/** Standard output for one document alone: what rider.ts, a migration or a package of theirs prints goes to standard error. */
function reserved(): NodeJS.WriteStream {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return Object.create(stdout, { write: { value: write } }) as NodeJS.WriteStream;
}
