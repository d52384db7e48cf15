/**
 * `npm run build`: makes what is published in `dist/`: types, ES modules in few files, and for the library part a CommonJS twin in
 * `dist/cjs/`, which is what Jest and other loaders without `require(esm)` get. A build that fails leaves the last one as it was.
 */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bundle } from "./build/bundle.ts";

const root = join(import.meta.dirname, "..");
// Below the checkout, so that what is compiled here finds the same node_modules.
mkdirSync(join(root, ".cache"), { recursive: true });
const workshop = mkdtempSync(join(root, ".cache", "build-"));
const made = join(workshop, "dist");

try {
  compile("tsconfig.build.json", made, "--emitDeclarationOnly");
  await bundle(made);
  const bin = join(made, "cli", "bin.js");
  if (existsSync(bin)) chmodSync(bin, 0o755);
  commonJs();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  renameSync(made, join(root, "dist"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(workshop, { recursive: true, force: true });
}

/**
 * The compiler makes of a file what the nearest package.json says it is, so the CommonJS twin is compiled from a copy of the
 * sources beside one that says `"commonjs"`. In that copy `here.ts`, the only file to name its own place, does it in
 * CommonJS's manner.
 */
function commonJs(): void {
  const copy = join(workshop, "src");
  cpSync(join(root, "src"), copy, { recursive: true, filter: (path) => path !== join(root, "src", "cli") });
  writeFileSync(
    join(copy, "base", "here.ts"),
    "/** Where this package lies; other packages are looked up from here. */\nexport const here: string = __filename;\n",
  );
  const commonjs = { type: "commonjs" };
  write(join(workshop, "package.json"), commonjs);
  write(join(workshop, "tsconfig.json"), {
    extends: "../../tsconfig.build.json",
    compilerOptions: {
      rootDir: "src",
      // `import` becomes `require` here, which is what this option forbids.
      verbatimModuleSyntax: false,
      // Looked for above the folder that the compiler is started in, which this is not.
      typeRoots: [join(root, "node_modules", "@types")],
    },
    include: ["src"],
  });
  compile(join(workshop, "tsconfig.json"), join(made, "cjs"));
  requireGives(join(made, "cjs"));
  write(join(made, "cjs", "package.json"), commonjs);
}

/**
 * What an ES module exports as "module.exports" is what `require` gives, where Node.js loads it
 * (https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require). The compiler makes an export like any other of it.
 */
function requireGives(folder: string): void {
  for (const file of globSync("**/*.js", { cwd: folder })) {
    const path = join(folder, file);
    if (!readFileSync(path, "utf8").includes('exports["module.exports"] =')) continue;
    appendFileSync(path, '\nmodule.exports = exports["module.exports"];\n');
  }
}

function compile(project: string, outDir: string, ...options: readonly string[]): void {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const { status } = spawnSync(tsc, ["-p", project, "--outDir", outDir, ...options], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`The build failed: tsc -p ${project}. What was in dist/ is still there.`);
}

function write(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
