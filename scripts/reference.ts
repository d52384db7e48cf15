/**
 * `npm run reference`: writes `docs/reference/` from the docstrings of everything that the entry points export, one page each. TypeDoc and a
 * compiler that it takes come from the registry, into `.cache`: it reads the sources by the compiler's own interface, which the one
 * that this package is developed with no longer has.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";

const VERSIONS = ["typedoc@0.28.20", "typedoc-plugin-markdown@4.14.1", "typescript@6.0.3"];

const root = join(import.meta.dirname, "..");
const cache = join(root, ".cache", VERSIONS.join("-"));

if (!existsSync(cache)) await install();
const made = mkdtempSync(join(root, ".cache", "reference-"));
try {
  convert(made);
  const pages = join(root, "docs", "reference");
  rmSync(pages, { recursive: true, force: true });
  for (const page of globSync("**/*.md", { cwd: made })) {
    const text = tidy(readFileSync(join(made, page), "utf8"));
    mkdirSync(join(pages, page, ".."), { recursive: true });
    writeFileSync(join(pages, page), text);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(made, { recursive: true, force: true });
}

async function install(): Promise<void> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const draft = mkdtempSync(`${cache}-`);
  writeFileSync(join(draft, "package.json"), JSON.stringify({ private: true }));
  command("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...VERSIONS], draft);
  await rename(draft, cache).catch(() => rmSync(draft, { recursive: true }));
}

function convert(out: string): void {
  const config = join(out, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, "tsconfig.json"), include: [join(root, "src")] }),
  );
  const options = join(out, "typedoc.json");
  writeFileSync(
    options,
    JSON.stringify({
      tsconfig: config,
      out,
      name: "Reference",
      basePath: join(root, "src"),
      entryPoints: doors(),
      plugin: [
        join(cache, "node_modules", "typedoc-plugin-markdown", "dist", "index.js"),
        join(import.meta.dirname, "reference", "plugin.ts"),
      ],
      router: "module",
      cleanOutputDir: false,
      readme: "none",
      disableSources: true,
      hidePageHeader: true,
      hideBreadcrumbs: true,
      excludeExternals: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeProtected: true,
      useCodeBlocks: true,
      parametersFormat: "table",
      propertyMembersFormat: "list",
      // The sources are checked by `npm run check`; and types that no door exports are named without being described.
      skipErrorChecking: true,
      validation: { notExported: false, invalidLink: true },
      // Kysely's own comments, where a class of ours takes them over, link to what is described there.
      externalSymbolLinkMappings: { kysely: { "*": "https://kysely.dev" } },
      logLevel: "Warn",
      treatWarningsAsErrors: true,
    }),
  );
  command(
    process.execPath,
    [join(cache, "node_modules", "typedoc", "bin", "typedoc"), "--options", options],
    root,
  );
}

/** The sources of the entry points that package.json names. */
function doors(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | Record<string, unknown>>;
  };
  return Object.values(exports).flatMap((door) => {
    const source = typeof door === "string" ? undefined : door["apocryphan-source"];
    return typeof source === "string" ? [join(root, source)] : [];
  });
}

/**
 * Signatures and excerpts are no programs, which is what a block called `ts` is on this project's pages. And the plugin takes `Rider.config`
 * and `RiderConfig` for the same heading, so that it numbers the second.
 */
function tidy(page: string): string {
  const text = page
    .replaceAll(/^```ts$/gm, "```typescript")
    .replaceAll("#riderconfig-1", "#riderconfig")
    .replaceAll(/[ \t]+$/gm, "");
  return `${text.trimEnd()}\n`;
}

function command(program: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(program, args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}.`);
}
