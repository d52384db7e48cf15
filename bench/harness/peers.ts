import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const LISTS = join(import.meta.dirname, "../peers");

/** Where what is compared with is installed: below the checkout, outside of what is committed, one folder for each lock file. */
export function peersFolder(): string {
  const lock = readFileSync(join(LISTS, "package-lock.json"));
  return join(ROOT, ".cache", "peers", createHash("sha256").update(lock).digest("hex").slice(0, 12));
}

/**
 * Installs what is compared with, exactly as the lock file says, where that has not been done before.
 *
 * @throws Error where npm can't
 */
export function installPeers(): void {
  const folder = peersFolder();
  if (existsSync(folder)) return;
  const parent = join(folder, "..");
  mkdirSync(parent, { recursive: true });
  const workshop = mkdtempSync(join(parent, "new-"));
  try {
    cpSync(LISTS, workshop, { recursive: true });
    console.error(`Installing what is compared with into ${folder}`);
    const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    const { status, error } = spawnSync("npm", args, { cwd: workshop, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error("npm ci failed, see above.", { cause: error });
    renameSync(workshop, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** One of the installed packages, or a file in it. */
export async function peer<M>(name: string): Promise<M> {
  const from = createRequire(join(peersFolder(), "package.json"));
  const loaded = from(name) as M & { readonly default?: M };
  return loaded.default !== undefined && typeof loaded.default === "object" && Object.keys(loaded).length <= 2
    ? loaded.default
    : loaded;
}

/** The installed version of a package. */
export function peerVersion(name: string): string {
  const file = join(peersFolder(), "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Where a package's program lies. */
export function peerProgram(name: string): string {
  return join(peersFolder(), "node_modules", ".bin", name);
}
