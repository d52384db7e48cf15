import assert from "node:assert/strict";
import { test } from "node:test";
import { ENTRIES, HOSTS, LOADED_AT_ONCE, projectWithHosts } from "./entries.ts";
import { NODES, node, project, run, write } from "./project.ts";

/** Loads every entry point in both ways, and prints for each what differs, or why one failed. */
const BOTH = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const all = {};
for (const entry of ${JSON.stringify(ENTRIES)}) {
  try {
    const imported = await import(entry);
    const required = require(entry);
    // What a module exports by this name is what require gives.
    const own = Object.keys(imported).filter((name) => name !== "module.exports");
    const whole = "module.exports" in imported;
    const differing = whole
      ? own.filter((name) => imported["module.exports"] !== required || (name !== "default" && required[name] === undefined))
      : own.filter((name) => imported[name] !== required[name]);
    all[entry] = own.length === 0 ? "exports nothing" : differing.join() || "fine";
  } catch (error) {
    all[entry] = error.message;
  }
}
console.log(JSON.stringify(all));
`;

/** Loads every entry point in both ways, and prints why one failed. */
const LOADED = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const all = {};
for (const entry of ${JSON.stringify(ENTRIES)}) {
  const said = [];
  for (const load of [(name) => import(name), require]) {
    try {
      await load(entry);
      said.push("fine");
    } catch (error) {
      said.push(error.message);
    }
  }
  all[entry] = said;
}
console.log(JSON.stringify(all));
`;

for (const version of NODES) {
  test(`every entry point gives the same by import and require, on Node.js ${version}`, async () => {
    const folder = await projectWithHosts();
    write(folder, { "both.mjs": BOTH });
    const { stdout, stderr } = await run(await node(version), ["both.mjs"], folder);
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), Object.fromEntries(ENTRIES.map((entry) => [entry, "fine"])));
  });

  test(`without its host an entry point is of use, or names the package it lacks, on Node.js ${version}`, async () => {
    const folder = await project();
    write(folder, { "loaded.mjs": LOADED });
    const { stdout, stderr } = await run(await node(version), ["loaded.mjs"], folder);
    assert.equal(stderr, "");
    const all = JSON.parse(stdout) as Record<string, string[]>;
    assert.deepEqual(Object.keys(all), ENTRIES);
    for (const [entry, said] of Object.entries(all)) {
      const host = LOADED_AT_ONCE[entry];
      if (host === undefined) assert.deepEqual(said, ["fine", "fine"], entry);
      else
        for (const each of said)
          assert.ok(each.startsWith(`Cannot find package '${host}' imported from`), `${entry}: ${each}`);
    }
  });
}

test("the twins for loaders that can't require ES modules export the same names", async () => {
  const folder = await projectWithHosts();
  // Kysely itself can't be required there since its version 0.29.
  const entries = ENTRIES.filter((entry) => entry !== "apocryphan/kysely");
  write(folder, {
    "names.mjs": `
const all = {};
for (const entry of ${JSON.stringify(entries)}) all[entry] = Object.keys(await import(entry)).filter((name) => name !== "module.exports").sort();
console.log(JSON.stringify(all));
`,
    "lacking.cjs": `
const all = JSON.parse(require("node:fs").readFileSync("names.json", "utf8"));
const lacking = [];
for (const [entry, names] of Object.entries(all)) {
  if (!require.resolve(entry).includes("/dist/cjs/")) lacking.push(entry + " is no twin");
  const required = require(entry);
  // Where the module's whole export is another's, as mysql2's, there is no default in it; compilers and Jest make the whole of it the default.
  const own = "default" in required ? names : names.filter((name) => name !== "default");
  lacking.push(...own.filter((name) => !(name in required)).map((name) => entry + ": " + name));
}
console.log(JSON.stringify(lacking));
`,
  });
  const names = await run(process.execPath, ["names.mjs"], folder);
  write(folder, { "names.json": names.stdout });
  const { stdout, stderr } = await run(
    process.execPath,
    ["--no-experimental-require-module", "lacking.cjs"],
    folder,
  );
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), []);
});

test("a pool in another's manner says which package to install, where that is missing", async () => {
  const folder = await project();
  const making = {
    pg: 'new (require("apocryphan/pg"))({})',
    mysql2: 'require("apocryphan/mysql2").createPool({})',
    "mysql2/promise": 'require("apocryphan/mysql2/promise").createPool({})',
  };
  for (const [host, text] of Object.entries(making)) {
    const program = `try { ${text} } catch (error) { console.log(error.code, error.message) }`;
    const { stdout, stderr } = await run(process.execPath, ["-e", program], folder);
    assert.match(stdout, /^DRIVER_MISSING /, `${host}: ${stdout}${stderr}`);
    assert.ok(stdout.includes(`npm install ${host.split("/")[0]}`), stdout);
  }
});

test("an entry point loads its own host at most, though all are installed", async () => {
  const folder = await projectWithHosts();
  write(folder, {
    "loaded.mjs": `
import { registerHooks } from "node:module";
registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
await import(process.argv[2]);
`,
  });
  for (const entry of ENTRIES) {
    const { stdout } = await run(process.execPath, ["loaded.mjs", entry], folder);
    const loaded = HOSTS.filter((host) => stdout.includes(`/node_modules/${host}/`));
    const host = LOADED_AT_ONCE[entry];
    // prom-client is itself measured by OpenTelemetry.
    const allowed = host === "prom-client" ? ["@opentelemetry/api", host] : host === undefined ? [] : [host];
    assert.deepEqual(loaded, allowed, entry);
    assert.ok(stdout.includes("/node_modules/apocryphan/dist/"), entry);
    if (!/^apocryphan(\/rider)?$/.test(entry)) assert.ok(!stdout.includes("/dist/rider.js"), entry);
    assert.ok(!stdout.includes("node:sqlite"), entry);
  }
});
