import { globSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** They install packages from the registry, so they run when asked for: `npm run test:package`. */
const ON_DEMAND = ["test/package/"];
/** They measure time while servers die, or build and install; nothing else runs beside them. */
const ALONE = ["test/fault/", "test/package/"];
/** They touch no server, so none is started where only they are selected. */
const WITHOUT_SERVERS = ["test/pure/", "test/property/", "test/types/", "test/architecture.test.ts"];

/** The test files that the arguments name (files, folders or patterns); all that `npm test` stands for without arguments. */
export function select(args: readonly string[]): string[] {
  const all = (pattern: string): string[] =>
    globSync(pattern, { exclude: (path) => path.includes("node_modules") });
  if (args.length === 0)
    return all("test/**/*.test.ts")
      .filter((file) => !within(file, ON_DEMAND))
      .sort();
  const named = args.flatMap((arg) => {
    const path = relative(process.cwd(), arg);
    const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    const found = all(folder ? join(path, "**/*.test.ts") : path);
    if (found.length === 0) throw new Error(`No test file fits "${arg}".`);
    return found;
  });
  return [...new Set(named)].sort();
}

export function needServers(files: readonly string[]): boolean {
  return files.some((file) => !within(file, WITHOUT_SERVERS));
}

/** Files that may run beside each other, then those that may not. */
export function phases(
  files: readonly string[],
  concurrency: number,
): { files: readonly string[]; concurrency: number }[] {
  const together = files.filter((file) => !within(file, ALONE));
  const alone = files.filter((file) => within(file, ALONE));
  return [
    { files: together, concurrency },
    { files: alone, concurrency: 1 },
  ].filter((phase) => phase.files.length > 0);
}

function within(file: string, places: readonly string[]): boolean {
  return places.some((place) => file.startsWith(place));
}
