import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Builds the parser of arguments into the program, which then has eleven files less to find and read at each start, and does not load what
 * starts programs: the parser has that for commands that are programs of their own, of which `rider` has none. It takes 5 ms less, of 60.
 */
export function commanderInside(root: string): Plugin {
  const folder = join(root, "node_modules", "commander");
  const licence = readFileSync(join(folder, "LICENSE"), "utf8").trim();
  return {
    name: "commander inside",
    setup(build) {
      build.onResolve({ filter: /^commander$/ }, () => ({ path: join(folder, "index.js") }));
      build.onResolve({ filter: /^node:(?:child_process|process)$/ }, ({ path, importer }) =>
        importer.startsWith(folder) ? { path, namespace: "stand-in" } : undefined,
      );
      build.onLoad({ filter: /./, namespace: "stand-in" }, ({ path }) => ({
        contents: path === "node:process" ? "export default globalThis.process;" : "export default {};",
      }));
      // Its licence wants to be where it is; comments of this kind are kept, at the end of the file.
      build.onLoad({ filter: /commander.index\.js$/ }, ({ path }) => ({
        contents: `/*! commander\n${licence.replaceAll("*/", "* /")}\n*/\n${readFileSync(path, "utf8")}`,
      }));
    },
  };
}
