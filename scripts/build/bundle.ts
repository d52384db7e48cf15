import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { takeBuiltins } from "./builtins.ts";
import { commanderInside } from "./commander.ts";
import { firstOfAll } from "./first.ts";
import { gatherSmall } from "./gather.ts";
import { keepClassNames } from "./names.ts";

const root = join(import.meta.dirname, "..", "..");

/** What is started by its path rather than imported by a name: the program, its part that the library looks up, and the threads' code. */
const STARTED = ["src/cli/bin.ts", "src/cli/main.ts", "src/driver/sqlite-worker.ts"];

/**
 * Puts the ES modules that are published into few files, since each file that Node.js loads costs it about half a millisecond, and the program
 * `rider` has two hundred. What several doors need lies in `chunks/`, once: a database object that one door makes is the other doors' too, and
 * the program's. Classes keep their names, as errors and objects are known by them; nothing is minified, since people step through it.
 */
export async function bundle(outdir: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...doors(), ...STARTED],
    outbase: "src",
    outdir,
    // One folder deep, as the sources are, for what is looked up beside them.
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    packages: "external",
    plugins: [commanderInside(root)],
    // The list in package.json speaks of what is built, not of the sources.
    ignoreAnnotations: true,
    metafile: true,
    logLevel: "warning",
  });
  const first = "src/base/node-version.ts";
  firstOfAll(first, join(outdir, "base", "node-version.js"), metafile, root);
  await gatherSmall("src/index.ts", first, metafile, outdir, root);
  takeBuiltins(outdir);
  keepClassNames(outdir, root);
}

/** The sources of the entry points that package.json names. */
function doors(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | Record<string, unknown>>;
  };
  return Object.values(exports).flatMap((door) => {
    const source = typeof door === "string" ? undefined : door["apocryphan-source"];
    return typeof source === "string" ? [source] : [];
  });
}
