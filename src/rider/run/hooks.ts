import { readFileSync } from "node:fs";
import type { ResolveFnOutput, ResolveHookContext } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { home } from "./home.ts";
import { importOutside } from "./outside.ts";

type Resolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/**
 * The files that Rider itself loads (`rider.ts`, migrations) and all that they import. The hook below looks at
 * nothing else, so an application that runs Rider at its start keeps its own way of resolving modules.
 */
const entries = new Set<string>();
const reached = new Set<string>();

/** The doors of the package that is running; whatever a migration has installed, it must get this very instance. */
const doors: Readonly<Record<string, string>> = {
  apocryphan: door("index"),
  "apocryphan/pool": door("pool"),
  "apocryphan/rider": door("rider"),
};

function door(name: string): string {
  return new URL(`../${name}${extname(home)}`, home).href;
}

let registered = false;

/**
 * Makes the file at `url` an ES module for the loader, whatever the nearest `package.json` says.
 *
 * `npm init -y` writes `"type": "commonjs"`, under which Node.js would refuse the `import` in a migration; the hook
 * sets the format by hand. See https://nodejs.org/api/module.html#customization-hooks.
 */
export async function enter(url: string): Promise<void> {
  entries.add(url);
  reached.add(url);
  if (registered) return;
  registered = true;
  try {
    process.getBuiltinModule("node:module").registerHooks({ resolve });
  } catch {
    // Jest has a module of its own under that name, which has no hooks.
    const { registerHooks } = await importOutside<typeof import("node:module")>("node:module");
    registerHooks({ resolve });
  }
}

function resolve(specifier: string, context: ResolveHookContext, next: Resolve): ResolveFnOutput {
  const fromOurs = context.parentURL !== undefined && reached.has(context.parentURL);
  if (!fromOurs && !entries.has(specifier)) return next(specifier, context);
  const own = doors[specifier];
  if (own !== undefined) return { url: own, shortCircuit: true };
  const found = find(specifier, context, next);
  if (!found.url.startsWith("file:") || found.url.includes("/node_modules/")) return found;
  reached.add(found.url);
  return asModule(found);
}

function find(specifier: string, context: ResolveHookContext, next: Resolve): ResolveFnOutput {
  try {
    return next(specifier, context);
  } catch (error) {
    for (const other of alternatives(specifier)) {
      try {
        return next(other, other === specifier ? { ...context, parentURL: home } : context);
      } catch {
        // The first failure names what the author wrote, so that one is thrown.
      }
    }
    throw error;
  }
}

/** What else an import may mean: `./base.js` the `./base.ts` beside it, our own entry points this package's. */
function alternatives(specifier: string): string[] {
  if (specifier.startsWith("apocryphan/")) return [specifier];
  if (!/^\.{0,2}\//.test(specifier)) return [];
  const written = /^(.*)\.(m?)js$/.exec(specifier);
  if (written) return [`${written[1]}.${written[2]}ts`];
  return extname(specifier) === "" ? [`${specifier}.ts`, `${specifier}.js`] : [];
}

function asModule(found: ResolveFnOutput): ResolveFnOutput {
  const ending = /\.(ts|js)(?:\?|$)/.exec(found.url)?.[1];
  if (ending === undefined || found.format === "module" || found.format === "module-typescript") return found;
  if (!entries.has(found.url) && !looksLikeModule(found.url)) return found;
  return { ...found, format: ending === "ts" ? "module-typescript" : "module" };
}

/** Whether a file that a migration imports was written as an ES module. */
function looksLikeModule(url: string): boolean {
  const text = readFileSync(fileURLToPath(url), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return /^\s*(?:import\b\s*["'{*\w]|export\b\s*[{*\w])/m.test(text);
}
