import { toJson } from "../rider/report/data.ts";
import { EXIT } from "./world.ts";

let underWay: string | undefined;

/** Notes which migration is being run, for the case that it never ends. */
export function nowAt(migration: string | undefined): void {
  underWay = migration;
}

/** The exit codes that would say something of a command which has not come to its end. */
const MEANT: readonly unknown[] = [EXIT.done, EXIT.usage, EXIT.found];

/**
 * Makes a failure of it where the process ends before the command does, which Node.js alone would tell by nothing at all, or by a warning about
 * this program's own files. Gives what to call once the command has ended.
 */
export function watchEnd(out: NodeJS.WritableStream, json: boolean): () => void {
  let ended = false;
  const tell = (what: string): void => {
    ended = true;
    const where = underWay === undefined ? "" : ` It was at the migration ${underWay}.`;
    const message = `${what}${where} ${STATE} (RIDER)`;
    process.stderr.write(`error: ${message}\n`);
    if (json) out.write(`${toJson({ error: { code: "RIDER", message } })}\n`);
  };
  // https://nodejs.org/api/process.html#event-beforeexit: nothing is left that could settle a promise.
  process.on("beforeExit", () => {
    if (ended) return;
    tell(
      "The command can't come to its end: a promise in rider.ts, in a migration or in what they import never settles, and nothing is left to wait for.",
    );
    process.exit(EXIT.failed);
  });
  process.on("exit", (code) => {
    if (ended || !MEANT.includes(code)) return;
    tell(
      "The process was ended by process.exit() in rider.ts, in a migration or in what they import, before the command came to its end.",
    );
    process.exitCode = EXIT.failed;
  });
  return () => {
    ended = true;
  };
}

const STATE =
  "What stood in a transaction is rolled back with it, and what was done outside of one is recorded. Mend it and run the command again.";
