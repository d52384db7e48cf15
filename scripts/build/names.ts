import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A class as the bundler writes it: with the name it gives to the variable, and perhaps another for the class's own use. */
const CLASS = /^(?:var|let|const) (\w+) = class(?: (?!extends\b)(\w+))?\b[\s\S]*?^\};$/gm;

/** What is built: the sources, and the one package that is built into the program. */
const SOURCES = ["src/**/*.ts", "node_modules/commander/lib/*.js"] as const;

/**
 * Gives classes the names that they have in the sources, by which errors and objects are known. The bundler calls a class that speaks of itself
 * `_Name`, and the second of two that are called alike `Name2`. Its own way of keeping names wraps every function in a call, also those that are
 * made anew in each turn of a loop, and leaves nothing for other bundlers to take out.
 *
 * @throws Error for a class whose name is in no source
 */
export function keepClassNames(outdir: string, root: string): void {
  const known = new Set(
    globSync([...SOURCES], { cwd: root }).flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/\bclass (\w+)/g)].map(([, name = ""]) => name),
    ),
  );
  for (const file of globSync("**/*.js", { cwd: outdir })) {
    const path = join(outdir, file);
    const bundled = readFileSync(path, "utf8");
    const text = bundled.replaceAll(CLASS, (whole, variable: string, own: string | undefined) => {
      const name = [own, own?.slice(1), variable, variable.replace(/\d+$/, "")].find(
        (each) => each !== undefined && known.has(each),
      );
      if (name === undefined) throw new Error(`${file} calls a class ${variable}, which no source does.`);
      if (own !== undefined) return whole.replaceAll(new RegExp(`(?<![.#\\w$])${own}\\b`, "g"), name);
      return name === variable ? whole : whole.replace("= class", `= class ${name}`);
    });
    if (text !== bundled) writeFileSync(path, text);
  }
}
