/**
 * `npm test [-- files, folders or options of node --test]`: starts throw-away servers, runs the test files against them, and
 * stops them again. Its last line is `N passed, N failed`; a skipped test counts as failed, since a run that proves
 * less than it says is worse than one that fails.
 *
 * A server that is named in the environment is used instead of starting one: `APOCRYPHAN_TEST_POSTGRES_URL`,
 * `APOCRYPHAN_TEST_POSTGRES_SYSTEM_URL` (a second version), `APOCRYPHAN_TEST_MYSQL_URL`; each for a user that may create databases.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../test/support/servers/folder.ts";
import { owner } from "../test/support/servers/owner.ts";
import { killGroup } from "../test/support/servers/processes.ts";
import { type Counts, nothingCounted, readCounts } from "./test/counts.ts";
import { needServers, phases, select } from "./test/select.ts";
import { type Servers, startServers } from "./test/servers.ts";

/** A file that hangs is ended after this many milliseconds; the slowest known takes two minutes. */
const LONGEST_FILE = 600_000;

const root = join(import.meta.dirname, "..");
process.chdir(root);

let servers: Servers | undefined;
let running: number | undefined;

for (const [name, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const) {
  process.once(name, async () => {
    console.error(`\n${name}: stopping the tests and their servers.`);
    if (running !== undefined) killGroup(running);
    await servers?.stop();
    process.exit(128 + number);
  });
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  let total: Counts = { passed: 0, failed: 0, skipped: [] };
  try {
    const files = select(args.filter((arg) => !arg.startsWith("-")));
    if (files.length === 0) throw new Error("No test file fits; name files or folders below test/.");
    const folder = temporaryFolder();
    servers = await startServers(folder, needServers(files));
    // Files and the programs that they start are compiled once a run, and the migrations they write are not kept beside the packages.
    const env = { ...servers.env, NODE_COMPILE_CACHE: join(folder, "compiled") };
    for (const phase of phases(files, Math.max(2, Math.min(4, availableParallelism())))) {
      const counts = await runFiles(phase.files, phase.concurrency, options, folder, env);
      total = {
        passed: total.passed + counts.passed,
        failed: total.failed + counts.failed,
        skipped: [...total.skipped, ...counts.skipped],
      };
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    total = { ...total, failed: total.failed + 1 };
  } finally {
    await servers?.stop();
  }
  for (const name of total.skipped) console.error(`Skipped, which counts as failed: ${name}`);
  const failed = total.failed + total.skipped.length;
  console.log(`${total.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runFiles(
  files: readonly string[],
  concurrency: number,
  options: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const report = join(folder, `report-${performance.now()}`);
  const child = spawn(
    process.execPath,
    [
      "--conditions=apocryphan-source",
      "--test",
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${LONGEST_FILE}`,
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...[`--test-reporter=${join(import.meta.dirname, "test", "reporter.ts")}`],
      `--test-reporter-destination=${report}`,
      ...options,
      ...files,
    ],
    // In a process group of its own, so that it can be ended as a whole; the servers and watchdogs of test files are not in it,
    // and do end in good order.
    { stdio: ["ignore", "inherit", "inherit"], env, detached: true },
  );
  const { pid } = child;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (pid !== undefined) {
    running = pid;
    // So that the test files end too when this process is killed and can't see to it.
    owner.tell({ op: "group", pid });
  }
  const code = await ended;
  if (pid !== undefined) owner.tell({ op: "forget", pid });
  running = undefined;
  const counts = readCounts(report) ?? nothingCounted(code);
  // The runner's own word on the whole: it may know of a failure that is nobody's, such as a crash between tests.
  return code === 0 || counts.failed > 0 || counts.skipped.length > 0 ? counts : { ...counts, failed: 1 };
}
