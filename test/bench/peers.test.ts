import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PARTS } from "../../bench/parts/index.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Lists {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): Lists => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Lists;

test("whoever is compared with is in the list of what is installed", () => {
  const { dependencies } = read("bench/peers/package.json");
  const needed = PARTS.flatMap(({ cases }) =>
    cases.flatMap(({ contestants }) => contestants.flatMap(({ peers }) => peers)),
  );
  assert.deepEqual(
    [...new Set(needed)].filter((name) => !Object.hasOwn(dependencies, name)),
    [],
  );
});

test("a driver below our pool has the same version as below theirs", () => {
  const { dependencies } = read("bench/peers/package.json");
  const { devDependencies = {} } = read("package.json");
  const drivers = ["pg", "mysql2", "mariadb", "better-sqlite3"];
  for (const name of drivers) assert.equal(dependencies[name], devDependencies[name], name);
});
