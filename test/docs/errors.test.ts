import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isNetworkCode } from "../../src/dialect/failure.ts";
import { PAGES, ROOT } from "./pages.ts";

/** The places where the source gives a code to an error or a warning. */
const PLACES = [
  /(?:super|new ApocryphanError)\(\s*"([A-Z_]+)"/g,
  /super\([^;"]*"([A-Z_]+)",?\s*\);/g,
  /\bcode = "([A-Z_]+)"/g,
  /\bcode: "([A-Z_]+)"/g,
  /(?:options\?\.code|code: code) \?\? "([A-Z_]+)"/g,
];

function codesInSource(): Set<string> {
  const texts = globSync("src/**/*.ts", { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), "utf8"));
  return new Set(
    texts.flatMap((text) =>
      PLACES.flatMap((place) => Array.from(text.matchAll(place), ([, code = ""]) => code)),
    ),
  );
}

test("every error code in the source has a heading in docs/errors.md, and every heading a code", () => {
  // Node.js's own names for what the network does stay as they are where an interface of somebody else's wants them.
  const codes = new Set([...codesInSource()].filter((code) => !isNetworkCode(code)));
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
