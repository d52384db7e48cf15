import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PAGES, ROOT } from "./pages.ts";

/** The fields of an interface in the source. */
function fieldsOf(file: string, name: string): string[] {
  const text = readFileSync(join(ROOT, "src", file), "utf8");
  const body = new RegExp(`^export interface ${name} .*?\\{$([\\s\\S]*?)^\\}$`, "m").exec(text)?.[1];
  assert.ok(body !== undefined, `${file} has the interface ${name}`);
  return Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, field = ""]) => field);
}

/** The names in the first column of a page's tables below a heading. */
function namesBelow(path: string, heading: string): string[] {
  const text = PAGES.find((page) => page.path === path)?.text ?? "";
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const cells = Array.from(section.matchAll(/^\| (`[^|]*) \|/gm), ([, cell = ""]) => cell);
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = ""]) => name));
}

test("docs/pool.md explains every option of a pool and of a database object, and no other", () => {
  const options = [
    ...fieldsOf("pool/options.ts", "PoolOptionsInput"),
    ...fieldsOf("database/pooled-options.ts", "PooledOptions"),
    ...fieldsOf("database/options.ts", "ConnectionOptions"),
  ];
  assert.ok(options.length > 25);
  const explained = new Set(namesBelow("docs/pool.md", "Options"));
  assert.deepEqual([...explained].sort(), [...new Set(options)].sort());
});

test("docs/rider.md explains every part of the configuration, and no other", () => {
  const page = PAGES.find(({ path }) => path === "docs/rider.md")?.text ?? "";
  const table = /^\| `config` [\s\S]*?\n\n/m.exec(page)?.[0] ?? "";
  const explained = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, name = ""]) => name).slice(1);
  assert.deepEqual(explained.sort(), fieldsOf("rider/run/config.ts", "RiderConfig").sort());
});

test("docs/transactions.md explains every option of atomic", () => {
  const page = PAGES.find(({ path }) => path === "docs/transactions.md")?.text ?? "";
  const table = /^\| option [\s\S]*?\n\n/m.exec(page)?.[0] ?? "";
  const explained = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, name = ""]) => name);
  assert.deepEqual(explained.sort(), fieldsOf("database/transaction.ts", "AtomicOptions").sort());
});

test("docs/rider.md has a heading for every command", () => {
  const page = PAGES.find(({ path }) => path === "docs/rider.md")?.text ?? "";
  const program = readFileSync(join(ROOT, "src/cli/program.ts"), "utf8");
  const commands = Array.from(
    program.matchAll(/^import \{([^}]*)\} from "\.\/commands\//gm),
    ([, names = ""]) => Array.from(names.matchAll(/add(\w+)/g), ([, name = ""]) => name.toLowerCase()),
  ).flat();
  const headings = Array.from(page.matchAll(/^## (.+)$/gm), ([, heading = ""]) =>
    heading.split(" and "),
  ).flat();
  assert.ok(commands.length >= 10);
  assert.deepEqual(
    commands.filter((command) => !headings.includes(command)),
    [],
  );
});
