import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { anchors, PAGES, prose, ROOT, target } from "./pages.ts";

test("every link inside the project leads to a file, and to a heading where it names one", () => {
  const broken: string[] = [];
  let links = 0;
  for (const page of PAGES) {
    for (const [, link = ""] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      links++;
      const { path, anchor } = target(page, link);
      const other = PAGES.find((candidate) => candidate.path === path);
      if (!existsSync(join(ROOT, path))) broken.push(`${page.path}: ${link}`);
      else if (anchor !== undefined && !(other && anchors(other).has(anchor)))
        broken.push(`${page.path}: ${link} (there is no such heading)`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(links > 20, `${links} links were found`);
});

test("every page in docs is linked from the README or from another page", () => {
  const linked = new Set(
    PAGES.flatMap((page) =>
      Array.from(prose(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => target(page, link).path),
    ),
  );
  const lonely = PAGES.map(({ path }) => path).filter(
    (path) => path.startsWith("docs/") && !linked.has(path),
  );
  assert.deepEqual(lonely, []);
});
