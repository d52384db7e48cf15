import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { account } from "./account.ts";
import { temporaryFolder } from "./folder.ts";

const execute = promisify(execFile);

/** The variable that names the folder in which a test run keeps what all its files start their servers from. */
export const SHARED = "APOCRYPHAN_TEST_SHARED";

const made = new Map<string, Promise<string>>();

/**
 * A folder that is made once and afterwards only copied from: once a run, where `scripts/test.ts` names the place, else
 * once a process.
 */
export function madeOnce(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const going = made.get(name) ?? find(name, make);
  made.set(name, going);
  return going;
}

async function find(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(process.env[SHARED] ?? temporaryFolder(), name);
  if (existsSync(path)) return path;
  const draft = `${path}-of-${process.pid}`;
  await make(draft);
  // Whole or not there at all, for whoever looks at this moment.
  await rename(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  return path;
}

/** Copies a folder with its owners and rights. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await execute("cp", ["-a", from, to]);
}

/** Runs a program as the servers' account. @throws Error with what it wrote */
export async function runAs(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
  const { stdout } = await execute(command, args, { cwd, env, maxBuffer: 2 ** 24, ...account() }).catch(
    (error: { stdout?: string; stderr?: string; message: string }) => {
      throw new Error(`${command} failed: ${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
    },
  );
  return stdout;
}

/** Whether the servers' account can run this file: a checkout below `/root` is closed to everybody else. */
export async function reachable(file: string): Promise<boolean> {
  if (account().uid === undefined) return true;
  try {
    await execute(file, ["--version"], { cwd: "/", ...account() });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return false;
    throw new Error(`${file} can't be run: ${String(error)}`);
  }
}

/** The folder of the folder of a file. */
export function above(file: string): string {
  return dirname(dirname(file));
}
