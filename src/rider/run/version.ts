import { existsSync, readFileSync } from "node:fs";
import { home } from "./home.ts";

let known: string | undefined;

/** This package's version, as its `package.json` has it; the builds lie at different depths below that. */
export function version(): string {
  for (let folder = new URL(".", home); known === undefined; folder = new URL("..", folder)) {
    const file = new URL("package.json", folder);
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
      if (name === "apocryphan") known = version ?? "unknown";
    }
    if (folder.pathname === new URL("..", folder).pathname) known ??= "unknown";
  }
  return known;
}
