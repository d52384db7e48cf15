import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PAGES, ROOT } from "./pages.ts";

const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { "apocryphan-source": string }>;
};

/** The names that a source exports. */
function exportsOf(source: string): string[] {
  const text = readFileSync(join(ROOT, source), "utf8");
  const declared = text.matchAll(/^export (?:abstract )?(?:class|function|const|interface|type) (\w+)/gm);
  const listed = Array.from(text.matchAll(/^export (?:type )?\{([^}]*)\}/gm), ([, names = ""]) =>
    names
      .split(",")
      .map((name) =>
        name
          .trim()
          .replace(/^type /, "")
          .replace(/^.* as /, ""),
      )
      .filter((name) => name !== "" && name !== "default" && !name.startsWith('"')),
  );
  return [...Array.from(declared, ([, name = ""]) => name), ...listed.flat()];
}

test("everything that an entry point exports is on its page of the reference (else: npm run reference)", () => {
  const lacking: string[] = [];
  let named = 0;
  for (const [path, door] of Object.entries(exports)) {
    if (typeof door === "string") continue;
    const entry = path.replace(".", "apocryphan");
    const page = PAGES.find((candidate) => candidate.path === `docs/reference/${entry}.md`);
    const headings = new Set(
      Array.from(page?.text.matchAll(/^### (?:`\w+` )?(\w+)/gm) ?? [], ([, name = ""]) => name),
    );
    const names = exportsOf(door["apocryphan-source"]);
    assert.ok(names.length > 0, `${entry} exports something`);
    named += names.length;
    lacking.push(...names.filter((name) => !headings.has(name)).map((name) => `${entry}: ${name}`));
  }
  assert.deepEqual(lacking, []);
  assert.ok(named > 80, `${named} names were found`);
});
