import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Metafile } from "esbuild";

/**
 * Gives the chunk that is made of one source, which is imported for what it does rather than for what it exports, a name that does not change,
 * and has it imported first wherever it is imported. The bundler puts it behind the chunks that export something, and calls it by its contents,
 * so that package.json could not list it among the files that do something when they are imported; another bundler would then leave it out.
 *
 * @param source as the bundler names it, from the root
 * @param file where it is to be
 * @throws Error where no chunk holds that source and nothing else
 */
export function firstOfAll(source: string, file: string, { outputs }: Metafile, root: string): void {
  const [chunk] =
    Object.entries(outputs).find(([, { inputs }]) => source in inputs && Object.keys(inputs).length === 1) ??
    [];
  if (chunk === undefined) throw new Error(`No chunk holds ${source} alone.`);
  for (const importer of Object.keys(outputs)) {
    const path = join(root, importer);
    const text = readFileSync(path, "utf8");
    const statement = `import "${specifier(path, join(root, chunk))}";\n`;
    if (!text.includes(statement)) continue;
    writeFileSync(path, `import "${specifier(path, file)}";\n${text.replace(statement, "")}`);
  }
  mkdirSync(dirname(file), { recursive: true });
  renameSync(join(root, chunk), file);
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}
