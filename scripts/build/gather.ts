import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build, type Metafile } from "esbuild";

/** Bytes: a chunk of this size or more stays a file by itself. */
const LARGE = 10_000;

/** A file that the bundler has made. */
type Output = Metafile["outputs"][string];

/**
 * Puts the small chunks that a door needs, and that need no large ones, into one file `chunks/small.js`: the bundler makes a chunk for each set of
 * doors that need the same, and loading one costs more than what is in it. There is nothing in them but functions, classes and tables, so whoever
 * bundles a program still leaves out what it does not need.
 *
 * @param door its source, as the bundler names it
 * @param alone the source whose chunk has to stay by itself
 * @param outdir where the bundler has put its files
 * @param root what the paths in the metafile start from
 */
export async function gatherSmall(
  door: string,
  alone: string,
  { outputs }: Metafile,
  outdir: string,
  root: string,
): Promise<void> {
  const candidates = reached(door, outputs).filter((path) => isSmall(outputs[path], alone));
  const lasting = await Promise.all(candidates.map((chunk) => leavesSomething(join(root, chunk))));
  const small = closed(
    candidates.filter((_, i) => !lasting[i]),
    outputs,
    alone,
  );
  const file = join(outdir, "chunks", "small.js");
  await build({
    stdin: {
      contents: small.map((chunk) => `export * from ${JSON.stringify(join(root, chunk))};`).join("\n"),
      resolveDir: root,
    },
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    external: ["*/base/node-version.js"],
    ignoreAnnotations: true,
    logLevel: "warning",
  });
  for (const chunk of small) rmSync(join(root, chunk));
  const names = small.map((chunk) => basename(chunk).replaceAll(".", "\\."));
  const specifier = new RegExp(`"((?:\\.\\.?/)+(?:chunks/)?)(?:${names.join("|")})"`, "g");
  for (const path of globSync("**/*.js", { cwd: outdir })) {
    const text = readFileSync(join(outdir, path), "utf8");
    const changed = once(text.replaceAll(specifier, '"$1small.js"'));
    if (changed !== text) writeFileSync(join(outdir, path), changed);
  }
}

/** Characters: what a bundler may leave of a chunk of which nothing is used. */
const LITTLE = 200;

/** Whether a bundler that leaves out what is not used leaves more than a little of a file when it is only imported, since something in it runs. */
async function leavesSomething(file: string): Promise<boolean> {
  const { outputFiles } = await build({
    stdin: { contents: `import ${JSON.stringify(file)};`, resolveDir: dirname(file) },
    plugins: [
      {
        name: "this file alone",
        setup: ({ onResolve }) => {
          onResolve({ filter: /.*/ }, ({ path }) =>
            path === file ? { path, sideEffects: true } : { path, external: true, sideEffects: false },
          );
        },
      },
    ],
    bundle: true,
    write: false,
    minifyWhitespace: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    logLevel: "error",
  });
  return outputFiles.reduce((sum, { text }) => sum + text.length, 0) > LITTLE;
}

/** What a source's own file imports when it is loaded, directly or not. */
function reached(source: string, outputs: Metafile["outputs"]): string[] {
  const found = new Set<string>();
  const open = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === source);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    open.push(...imported(outputs[path]));
  }
  return [...found];
}

function isSmall(output: Output | undefined, alone: string): boolean {
  return (
    output !== undefined &&
    output.entryPoint === undefined &&
    output.bytes < LARGE &&
    !(alone in output.inputs)
  );
}

/** Those that need no others but themselves: a file that needs one of which it is needed can't be loaded in any order. */
function closed(paths: readonly string[], outputs: Metafile["outputs"], alone: string): string[] {
  const isAlone = (path: string): boolean => alone in (outputs[path]?.inputs ?? {});
  let left = paths;
  for (let before = -1; left.length !== before; ) {
    before = left.length;
    const known = left;
    left = known.filter((path) =>
      imported(outputs[path]).every((other) => known.includes(other) || isAlone(other)),
    );
  }
  const names = left.flatMap((path) => outputs[path]?.exports ?? []);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Error(`Two small chunks export ${twice}. Call one of them something else.`);
  return [...left];
}

function imported(output: Output | undefined): string[] {
  return (output?.imports ?? [])
    .filter(({ kind, external }) => kind === "import-statement" && !external)
    .map(({ path }) => path);
}

/** A file that was imported in many pieces names the one they have become more than once. */
function once(text: string): string {
  const bare = /^import "[^"]*\/small\.js";\n/gm;
  const named = /^(?:import|export) \{[^}]*\} from "[^"]*\/small\.js";$/m.test(text);
  let first = true;
  return text.replaceAll(bare, (line) => {
    const keep = first && !named;
    first = false;
    return keep ? line : "";
  });
}
