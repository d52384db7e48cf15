import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/servers/folder.ts";
import { copyFolder, madeOnce } from "../support/servers/shared.ts";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");

/** What a program wrote, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a program that should have ended is killed. */
const LONGEST = 120_000;

/** Runs a program to its end; a failure is a result like any other. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  // Neither the test runner's context, nor the condition under which the sources are meant, nor its cache may reach the program.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, NODE_COMPILE_CACHE: ___, ...inherited } = process.env;
  const own = Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.startsWith("npm_")));
  try {
    const { stdout, stderr } = await execute(command, args, {
      cwd,
      env: { ...own, NO_COLOR: "1", ...env },
      maxBuffer: 2 ** 26,
      timeout: LONGEST,
      killSignal: "SIGKILL",
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr, message } = error as Ran & { message: string };
    if (typeof code !== "number")
      throw new Error(`${command} did not end by itself: ${message}\n${stdout}${stderr}`);
    return { code, stdout, stderr };
  }
}

/** As `run`, for what must succeed. Gives what it wrote to standard output. */
export async function must(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The package as `npm pack` makes it, once a run. */
export async function tarball(): Promise<string> {
  const folder = await madeOnce("packed", async (path) => {
    mkdirSync(path);
    await must("npm", ["pack", "--pack-destination", path, "--loglevel=error"], root);
  });
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!file) throw new Error("npm pack made no tarball.");
  return join(folder, file);
}

/** An empty project with the package in it, and whatever else it is to have: `"pg@8"`. */
export async function project(...packages: readonly string[]): Promise<string> {
  // Their names together may be longer than a folder's may be.
  const kind = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 16);
  const installed = await madeOnce(`project-${kind}`, async (path) => {
    mkdirSync(path);
    write(path, { "package.json": JSON.stringify({ name: "project", private: true }) });
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
    await must("npm", ["install", ...quiet, await tarball(), ...packages], path);
  });
  const folder = join(temporaryFolder(), "project");
  await copyFolder(installed, folder);
  return folder;
}

/** Writes files into a project. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** The versions of Node.js that the package promises to run on: the oldest, and the newest of each line. */
export const NODES = ["22.18.0", "22", "24", "26"] as const;

/** The program of a version of Node.js; from the registry, kept in `.cache`. */
export async function node(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const kept = join(root, ".cache", `node-${version}`);
  const program = join(kept, "node_modules", name, "bin", "node");
  if (existsSync(program)) return program;
  mkdirSync(join(root, ".cache"), { recursive: true });
  const draft = mkdtempSync(`${kept}-`);
  writeFileSync(join(draft, "package.json"), JSON.stringify({ private: true }));
  await must("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${version}`], draft);
  await rename(draft, kept).catch(() => rmSync(draft, { recursive: true }));
  return program;
}
