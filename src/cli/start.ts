import { readFileSync, writeSync } from "node:fs";

/** Answers `--version` at once; everything else is loaded when it is needed. */
export async function run(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    const file = new URL("../../package.json", import.meta.url);
    writeSync(1, `${(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version}\n`);
    return;
  }
  // A reader that has seen enough (`rider migrations | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const { main } = await import("./main.ts");
  const code = await main(argv);
  // What rider.ts has imported may keep timers and connections open; once everything is written, nobody waits for those.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
  );
  process.exit(code);
}
