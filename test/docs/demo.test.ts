import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { freshDatabase, KINDS } from "../support/database.ts";
import { until } from "../support/wait.ts";

const DEMO = join(import.meta.dirname, "../../examples/contacts/demo.ts");

for (const kind of KINDS) {
  test(`the demo serves 2,000 requests without an error and rolls back on ${kind}`, async (t) => {
    const database = await freshDatabase(kind, t);
    const { code, output, errors } = await ended(start(["--url", database.url]));
    assert.equal(errors, "");
    assert.equal(code, 0);
    assertTable(output);
    assert.match(output, /Rolled back 7 migrations/);
    const left = await database.exec("select migration from _rider_migrations");
    assert.deepEqual(left, []);
    await assert.rejects(database.exec("select * from contacts"));
    const { password } = new URL(database.url.replace(/^sqlite:/, "file:"));
    if (password !== "") assert.ok(!output.includes(password), "the password is not printed");
  });
}

test("the demo needs nothing, ends in time, leaves nothing behind and is plain in a pipe", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const before = performance.now();
  const { code, output } = await ended(start([], { TMPDIR: folder }));
  assert.equal(code, 0);
  assertTable(output);
  assert.ok(performance.now() - before < 30_000, "it ends within 30 seconds");
  assert.equal(output, stripVTControlCharacters(output));
  // Node.js keeps its compile cache there too, which is none of the demo's.
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("contacts-")),
    [],
  );
});

test("with --keep the server stays up until it is told to end, and the database is rolled back then", async (t) => {
  const database = await freshDatabase("sqlite", t);
  const demo = start(["--keep", "--url", database.url]);
  t.after(() => demo.kill("SIGKILL"));
  const result = ended(demo);
  const address = await until(
    "the demo prints its address",
    () => /stays up: (http:\S+)/.exec(heard(demo))?.[1] ?? "",
  );
  const contacts = (await (await fetch(address)).json()) as { id: number; name: string }[];
  assert.deepEqual(
    contacts.map(({ name }) => name),
    ["Ada Lovelace", "Alan Turing", "Edgar Codd", "Grace Hopper", "Margaret Hamilton"],
  );
  const turing = (await (await fetch(`${address}/${contacts[1]?.id}`)).json()) as { tags: string[] };
  assert.deepEqual(turing.tags, ["ask for phone"]);
  assert.equal((await fetch(`${address}/99`)).status, 404);
  assert.equal((await fetch(`${address}/1`, { method: "POST" })).status, 404);
  demo.kill("SIGTERM");
  const { code, output } = await result;
  assert.equal(code, 0);
  assert.match(output, /Rolled back 7 migrations/);
  assert.ok(existsSync(database.name), "a database that was named is not removed");
});

const outputs = new WeakMap<ChildProcess, { output: string; errors: string }>();

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, ["--conditions=apocryphan-source", DEMO, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { output: "", errors: "" };
  outputs.set(child, said);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.errors += text;
  });
  return child;
}

function heard(child: ChildProcess): string {
  return outputs.get(child)?.output ?? "";
}

async function ended(child: ChildProcess): Promise<{ code: unknown; output: string; errors: string }> {
  const [code] = await once(child, "close");
  return { code, output: heard(child), errors: outputs.get(child)?.errors ?? "" };
}

function assertTable(output: string): void {
  const figure = (name: string): string =>
    new RegExp(`^ {2}${name} +(\\S+)`, "m").exec(output)?.[1] ?? `no ${name} in: ${output}`;
  assert.equal(figure("requests"), "2000");
  assert.equal(figure("errors"), "0");
  assert.ok(Number(figure("p50")) > 0);
  assert.ok(Number(figure("p99")) >= Number(figure("p50")));
  const opened = Number(figure("connections opened"));
  const most = Number(figure("most in use"));
  assert.ok(most > 1 && most <= 16 && most <= opened, `${most} in use of ${opened} opened`);
}
