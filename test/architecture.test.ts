import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { codeOnly, type Import, importsOf } from "./support/imports.ts";

/*
 * Who may import whom, as docs/architecture.md draws it. A file belongs to the first rule whose pattern it fits. `may` lists the
 * files it may import; `node` the built-in modules, `packages` the others.
 */
interface Rule {
  readonly files: RegExp;
  readonly may: readonly RegExp[];
  readonly node?: readonly string[] | "any";
  readonly packages?: readonly string[];
}

const BASE = /^base\//;
const DIALECT = /^dialect\//;
const DOORS = /^(index|pool|rider)\.ts$/;

const RULES: readonly Rule[] = [
  { files: BASE, may: [BASE], node: ["node:util"] },
  { files: DIALECT, may: [DIALECT, BASE] },
  { files: /^driver\/driver\.ts$/, may: [DIALECT, BASE] },
  { files: /^driver\//, may: [/^driver\//, DIALECT, BASE], node: "any" },
  { files: /^pool\//, may: [/^pool\//, BASE], node: ["node:async_hooks", "node:diagnostics_channel"] },
  {
    // Bound: a dialect and a driver. These, and no others, name the adapters.
    files: /^database\/(postgresql|mysql|sqlite)\.ts$/,
    may: [/^database\//, /^driver\//, /^pool\//, DIALECT, BASE],
    node: "any",
  },
  {
    files: /^database\//,
    may: [/^database\//, /^driver\/(driver|errors|endpoint)\.ts$/, /^pool\//, DIALECT, BASE],
    node: "any",
  },
  { files: /^rider\/model\//, may: [/^rider\/model\//, BASE] },
  { files: /^rider\/read\//, may: [/^rider\/(model|read)\//, BASE], node: ["node:crypto"] },
  { files: /^rider\/plan\//, may: [/^rider\/(model|read|plan)\//, BASE] },
  { files: /^rider\/report\//, may: [/^rider\/(model|read|plan|report)\//, BASE] },
  {
    files: /^rider\/run\//,
    may: [/^rider\/(model|read|plan|run)\//, /^database\//, DIALECT, BASE],
    node: "any",
  },
  {
    files: /^cli\//,
    may: [/^cli\//, /^rider\//, /^rider\.ts$/, BASE],
    node: "any",
    packages: ["commander", "cli-table3", "@dagrejs/dagre"],
  },
  { files: /^integrations\/web\//, may: [/^integrations\/web\//, DOORS, BASE], node: "any" },
  {
    files: /^integrations\/(express|fastify|koa|hono)\.ts$/,
    may: [/^integrations\/web\//, DOORS, BASE],
    node: "any",
    packages: ["fastify"],
  },
  {
    files: /^integrations\/opentelemetry\.ts$/,
    may: [DOORS, BASE],
    node: "any",
    packages: ["@opentelemetry/api"],
  },
  {
    files: /^integrations\/prometheus\b/,
    may: [/^integrations\/prometheus\//, DOORS, BASE],
    node: "any",
    packages: ["prom-client"],
  },
  { files: /^integrations\/orm\//, may: [/^integrations\/orm\//, DOORS, BASE] },
  {
    files: /^integrations\/kysely(\/|\.ts$)/,
    may: [/^integrations\/(kysely|orm)\//, DOORS, BASE],
    node: ["node:async_hooks"],
    packages: ["kysely"],
  },
  {
    files: /^integrations\/drizzle(\/|\.ts$)/,
    may: [/^integrations\/(drizzle|orm)\//, DOORS, BASE],
    packages: [
      "drizzle-orm",
      "pg-core",
      "mysql-core",
      "sqlite-core",
      "pg-proxy",
      "mysql-proxy",
      "sqlite-proxy",
    ].map((part) => (part === "drizzle-orm" ? part : `drizzle-orm/${part}`)),
  },
  {
    // Lends a pool's connections as they are, and has mysql2 make them.
    files: /^integrations\/mysql2[./]/,
    may: [
      /^integrations\/mysql2[./]/,
      /^database\/lending\.ts$/,
      /^driver\/(load|mysql2-client)\.ts$/,
      DOORS,
      BASE,
    ],
    node: "any",
    packages: ["mysql2", "mysql2/promise"],
  },
  {
    // Stands on the pool itself: what it lends is pg's clients, not this library's connections.
    files: /^integrations\/pg[./]/,
    may: [
      /^integrations\/pg[./]/,
      /^pool\//,
      /^database\/lending\.ts$/,
      /^driver\/(driver|load|overhear)\.ts$/,
      DOORS,
      BASE,
    ],
    node: "any",
    packages: ["pg"],
  },
  { files: /^integrations\//, may: [DOORS, BASE], node: "any" },
  { files: /^(index|pool)\.ts$/, may: [/^(database|driver|dialect|pool|base)\//] },
  { files: /^rider\.ts$/, may: [/^rider\//, BASE] },
];

const src = join(import.meta.dirname, "..", "src");
const files = new Map(
  globSync("**/*.ts", { cwd: src }).map((file) => [file, readFileSync(join(src, file), "utf8")] as const),
);
const imports = new Map([...files].map(([file, source]) => [file, importsOf(source)] as const));

/** The file below src that an import means; `undefined` where it means a package. */
function target(from: string, { specifier }: Import): string | undefined {
  return specifier.startsWith(".") ? join(dirname(from), specifier) : undefined;
}

function broken(file: string, one: Import): string | undefined {
  const rule = RULES.find(({ files }) => files.test(file));
  const to = target(file, one);
  const where = `src/${file}:${one.line} imports ${one.specifier}`;
  if (!rule) return `${where}, and no rule says what this file may import`;
  if (to !== undefined) {
    if (!files.has(to)) return `${where}, which is not there`;
    return rule.may.some((pattern) => pattern.test(to)) ? undefined : where;
  }
  if (one.specifier.startsWith("node:")) {
    return rule.node === "any" || rule.node?.includes(one.specifier) ? undefined : where;
  }
  return rule.packages?.includes(one.specifier) ? undefined : where;
}

/** What runs when `file` is imported: it and everything it imports that is not a type, as far as src goes. */
function closure(file: string, { types = false, dynamic = false } = {}): Set<string> {
  const found = new Set<string>();
  const walk = (one: string): void => {
    if (found.has(one)) return;
    found.add(one);
    for (const each of imports.get(one) ?? []) {
      const to = target(one, each);
      if (to !== undefined && (types || !each.types) && (dynamic || !each.dynamic)) walk(to);
    }
  };
  walk(file);
  return found;
}

test("every import is one that the file may have", () => {
  assert.ok(files.size > 0, "src has files");
  const found = [...imports].flatMap(([file, all]) => all.flatMap((one) => broken(file, one) ?? []));
  assert.deepEqual(found, []);
});

test("no module waits in a circle for another", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const one of imports.get(file) ?? []) {
      const to = target(file, one);
      if (to !== undefined && !one.types && !one.dynamic) visit(to, [...path, file]);
    }
    done.add(file);
  };
  for (const file of files.keys()) visit(file, []);
  assert.deepEqual(circles, []);
});

test("the pool's machine is synchronous, and knows neither time nor chance nor the world", () => {
  const machine = [...closure("pool/machine.ts", { types: true })];
  assert.ok(machine.length > 1, "the machine has its parts");
  const outside = machine.filter((file) => !file.startsWith("pool/") && !file.startsWith("base/"));
  assert.deepEqual(outside, []);
  const values = [...closure("pool/machine.ts")].filter((file) => !file.startsWith("pool/"));
  assert.deepEqual(values, ["base/chain.ts"], "of base it takes types, and a list");
  const forbidden =
    /\b(Promise|async|await|then|setTimeout|setInterval|setImmediate|queueMicrotask|nextTick|Date|performance|process|console|globalThis|fetch)\b|\bMath\.random\b/;
  const found = [...closure("pool/machine.ts")].flatMap((file) =>
    codeOnly(files.get(file) ?? "")
      .split("\n")
      .flatMap((line, i) => (forbidden.test(line) ? [`src/${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  assert.deepEqual(found, []);
});

test("the way to a connection goes through no function that a test's fake timers hold up", () => {
  const held = /\bprocess\.nextTick\b|\b(setImmediate|queueMicrotask)\b/;
  const found = [...files.keys()]
    .filter((file) => /^(base|pool|database|driver|integrations)\//.test(file) && file !== "base/turn.ts")
    .filter((file) => held.test(codeOnly(files.get(file) ?? "")));
  assert.deepEqual(found, [], "src/base/turn.ts has them as they were");
});

test("nothing is written in what Node.js 22 can't parse", () => {
  const root = join(import.meta.dirname, "..");
  const found = globSync("{src,scripts,examples,test,bench}/**/*.ts", {
    cwd: root,
    exclude: (path) => path.includes("node_modules"),
  }).filter((file) => /^\s*(await )?using \w+ =/m.test(codeOnly(readFileSync(join(root, file), "utf8"))));
  assert.deepEqual(found, []);
});

test("a door only exports", () => {
  const other = [...files.keys()]
    .filter((file) => DOORS.test(file))
    .flatMap((file) =>
      codeOnly(files.get(file) ?? "")
        // What is left when the exports and bare imports are taken away.
        .replace(/\bexport\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s*from\s*"\s*";?/g, "")
        .replace(/\bimport\s*"\s*";?/g, "")
        .split("\n")
        .filter((line) => line.trim())
        .map((line) => `src/${file}: ${line.trim()}`),
    );
  assert.deepEqual(other, []);
});

test("importing the pool loads neither Rider nor the command line", () => {
  const loaded = [...closure("pool.ts")].filter((file) => /^(rider|cli|integrations)\b/.test(file));
  assert.deepEqual(loaded, []);
});
