/**
 * `npm run size`: how much each entry point weighs, and how long it takes to import, from the built package (`npm run build` first). Bytes of
 * the package's own code that it needs, as it is and minified; milliseconds in a fresh process, the median of five, the libraries that it
 * imports included.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const ROUNDS = 5;
const root = join(import.meta.dirname, "..");

/** An entry point: `apocryphan/pool`, and the file that it is. */
interface Entry {
  readonly name: string;
  readonly file: string;
}

/** The entry points that package.json names. */
function entries(): Entry[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { default?: { default?: string } }>;
  };
  return Object.entries(exports).flatMap(([path, door]) => {
    const file = typeof door === "string" ? undefined : door.default?.default;
    return file === undefined ? [] : [{ name: path.replace(".", "apocryphan"), file: join(root, file) }];
  });
}

/** Bytes of the package's own code that `contents` needs, when a bundler has left out what it does not need. */
async function bundled(contents: string, minify: boolean): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    minify,
    logLevel: "error",
  });
  return outputFiles.reduce((sum, { contents: bytes }) => sum + bytes.length, 0);
}

function importTime(file: string): number {
  const program = `const b = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - b)`;
  const times = Array.from({ length: ROUNDS }, () =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })),
  );
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

const kilobytes = (bytes: number): string => (bytes / 1024).toFixed(0);

console.log("| entry point | kB | kB, minified | ms to import |\n| --- | --- | --- | --- |");
for (const { name, file } of entries()) {
  const all = `export * from ${JSON.stringify(file)};`;
  const sizes = [await bundled(all, false), await bundled(all, true)].map(kilobytes);
  console.log(`| \`${name}\` | ${sizes.join(" | ")} | ${importTime(file).toFixed(0)} |`);
}
