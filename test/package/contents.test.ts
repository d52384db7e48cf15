import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { must, project, tarball } from "./project.ts";

test("the tarball holds what is built, and nothing of the workshop", async () => {
  const names = (await must("tar", ["-tzf", await tarball()], "/")).trim().split("\n");
  const outside = names.filter(
    (name) => !/^package\/(dist\/.+\.(js|d\.ts)|dist\/cjs\/package\.json)$/.test(name),
  );
  assert.deepEqual(outside.sort(), [
    "package/CHANGELOG.md",
    "package/LICENSE",
    ...(names.includes("package/README.md") ? ["package/README.md"] : []),
    "package/package.json",
  ]);
});

test("every file that package.json names is there, and nothing runs on installing", async () => {
  const folder = join(await project(), "node_modules", "apocryphan");
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const named = new Set<string>(Object.values(manifest.bin));
  const collect = (value: unknown): void => {
    if (typeof value === "string") named.add(value);
    // The sources' own condition is set by nobody but this project's scripts, and the sources are not published.
    else
      for (const [key, each] of Object.entries(value as object))
        if (key !== "apocryphan-source") collect(each);
  };
  collect(manifest.exports);
  assert.deepEqual(
    [...named].filter((name) => !existsSync(join(folder, name))),
    [],
  );
  const onInstall = ["preinstall", "install", "postinstall", "prepare"];
  assert.deepEqual(
    Object.keys(manifest.scripts ?? {}).filter((name) => onInstall.includes(name)),
    [],
  );
});

test("publint has nothing to say", async () => {
  const file = readFileSync(await tarball());
  const { messages, pkg } = await publint({
    pack: { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer },
    strict: true,
  });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  );
});

test("types resolve to what runs, for every kind of importer", async () => {
  const result = await checkPackage(
    createPackageFromTarballData(new Uint8Array(readFileSync(await tarball()))),
  );
  assert.ok(result.types, "the package has types");
  // The oldest resolution knows no subpaths at all; every supported Node.js has long known them.
  const found = result.problems.filter(
    (problem) => !("resolutionKind" in problem && problem.resolutionKind === "node10"),
  );
  assert.deepEqual(found, []);
});
