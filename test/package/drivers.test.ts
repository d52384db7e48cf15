import assert from "node:assert/strict";
import { test } from "node:test";
import { serverUrl } from "../support/database.ts";
import { NODES, node, project, run, write } from "./project.ts";

/** Connects and asks for one row, by `import` and by `require`; prints the row, or the error's message. */
const main = (options: string, name: string): Record<string, string> => {
  const body = `
const db = new ${name}(${options});
db.get("select 1 as one").then((row) => console.log(JSON.stringify(row)), (error) => console.log(error.name + ": " + error.message));
`;
  return {
    "main.mjs": `import { ${name} } from "apocryphan";${body}`,
    "main.cjs": `const { ${name} } = require("apocryphan");${body}`,
  };
};

const MISSING = [
  { name: "PostgreSQLDatabase", options: '{ url: "postgresql://localhost/x" }', client: "pg" },
  { name: "MySQLDatabase", options: '{ url: "mysql://localhost/x" }', client: "mysql2" },
  { name: "MySQLDatabase", options: '{ url: "mysql://localhost/x", client: "mariadb" }', client: "mariadb" },
  {
    name: "SQLiteDatabase",
    options: '{ database: ":memory:", client: "better-sqlite3" }',
    client: "better-sqlite3",
  },
];

test("with no driver installed, connecting says which package to install, and how", async () => {
  const folder = await project();
  for (const { name, options, client } of MISSING) {
    write(folder, main(options, name));
    for (const file of ["main.mjs", "main.cjs"]) {
      const { stdout, stderr } = await run(process.execPath, [file], folder);
      assert.match(stdout, /^DriverMissingError: /, `${client}: ${stdout}${stderr}`);
      assert.ok(stdout.includes(`npm install ${client}`), stdout);
    }
  }
});

test("SQLite needs no driver", async () => {
  const folder = await project();
  write(folder, main('{ database: ":memory:" }', "SQLiteDatabase"));
  for (const version of NODES) {
    for (const file of ["main.mjs", "main.cjs"]) {
      const ran = await run(await node(version), [file], folder);
      assert.deepEqual(ran, { code: 0, stdout: '{"one":1}\n', stderr: "" }, version);
    }
  }
});

for (const { name, kind, packages, more } of [
  { name: "PostgreSQLDatabase", kind: "postgresql", packages: ["pg"], more: "" },
  { name: "MySQLDatabase", kind: "mysql", packages: ["mysql2"], more: "" },
  { name: "MySQLDatabase", kind: "mysql", packages: ["mariadb"], more: ', client: "mariadb"' },
] as const) {
  test(`with ${packages[0]} installed, ${name} connects, on every Node.js`, async () => {
    const folder = await project(...packages);
    const url = await serverUrl(kind);
    write(folder, main(`{ url: ${JSON.stringify(url)}${more} }`, name));
    for (const version of NODES) {
      for (const file of ["main.mjs", "main.cjs"]) {
        const ran = await run(await node(version), [file], folder);
        assert.deepEqual(ran, { code: 0, stdout: '{"one":1}\n', stderr: "" }, version);
      }
    }
  });
}

test("with better-sqlite3 installed, SQLiteDatabase uses it when asked", async () => {
  const folder = await project("better-sqlite3");
  write(folder, main('{ database: ":memory:", client: "better-sqlite3" }', "SQLiteDatabase"));
  const ran = await run(process.execPath, ["main.mjs"], folder);
  assert.deepEqual(ran, { code: 0, stdout: '{"one":1}\n', stderr: "" });
});
