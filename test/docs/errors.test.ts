import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PAGES, ROOT } from "./pages.ts";

/** The codes that the source gives to errors: the first argument of a class's `super`, a default, or `code:`. */
function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const path of globSync("src/**/*.ts", { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, path), "utf8");
    // Only files that make subclasses of ApocryphanError: elsewhere such words are SQL or a system's own codes.
    if (!/class \w*Error extends/.test(text)) continue;
    const code = /(?:super\([^"()]*|code(?:: string)? ?[=:?]{1,2} ?|\?\? ?)"([A-Z][A-Z_]{3,})"/g;
    for (const [, found = ""] of text.matchAll(code)) codes.add(found);
    for (const [, found = ""] of text.matchAll(/super\([^;]*?"([A-Z][A-Z_]{3,})",?\s*\)/g)) codes.add(found);
  }
  return codes;
}

test("every error code in the source has a heading in docs/errors.md, and every heading a code", () => {
  const codes = codesInSource();
  const page = PAGES.find(({ path }) => path === "docs/errors.md");
  const headings = Array.from(page?.text.matchAll(/^### (\S+)$/gm) ?? [], ([, heading]) => heading);
  assert.deepEqual(headings.toSorted(), [...codes].sort());
  assert.ok(codes.size >= 20, `${codes.size} codes were found`);
});

test("docs/errors.md names every error class that the doors export", async () => {
  const doors = await Promise.all([
    import("apocryphan"),
    import("apocryphan/pool"),
    import("apocryphan/rider"),
  ]);
  const classes = doors.flatMap((door) => Object.keys(door).filter((name) => name.endsWith("Error")));
  const page = PAGES.find(({ path }) => path === "docs/errors.md")?.text ?? "";
  assert.deepEqual(
    [...new Set(classes)].filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
