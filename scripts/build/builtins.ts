import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names taken from one of Node.js's own modules, or one for the whole of it, as the bundler writes it. */
const IMPORT = /^import (?:\{([^}]*)\}|(\w+)) from "(node:[^"]+)";$/gm;

/**
 * Has Node.js's own modules taken by a call rather than by `import`, which reads every property of a module to know what it exports, and so
 * loads what lies behind each: `node:fs` brings `readline` and streams along, `node:crypto` the Web Crypto API, `node:util` its argument parser.
 * A start of `rider` takes some 7 ms less, of 60 that are its own: https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 *
 * @throws Error where a file has such an import in another form, which would undo it
 */
export function takeBuiltins(outdir: string): void {
  for (const file of globSync("{chunks,cli}/**/*.js", { cwd: outdir })) {
    const path = join(outdir, file);
    const bundled = readFileSync(path, "utf8");
    const text = bundled.replaceAll(
      IMPORT,
      (_, names: string | undefined, whole: string | undefined, module: string) =>
        names === undefined
          ? constant(`${whole}`, module, "")
          : names
              .split(",")
              .map((name) => taken(name.trim(), module))
              .join("\n"),
    );
    const left = /^import .* from "node:.*$/m.exec(text);
    if (left !== null) throw new Error(`${file} has ${left[0]}, which is not taken by a call.`);
    if (text !== bundled) writeFileSync(path, text);
  }
}

function taken(name: string, module: string): string {
  const [theirs = name, ours = theirs] = name.split(" as ");
  return constant(ours, module, `.${theirs}`);
}

/** Taken so that whoever bundles a program leaves it out where it is not used. */
function constant(name: string, module: string, member: string): string {
  return `const ${name} = /* @__PURE__ */ (() => process.getBuiltinModule("${module}")${member})();`;
}
