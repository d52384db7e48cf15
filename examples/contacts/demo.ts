/**
 * Migrates a database, serves it to 64 clients at a time, and rolls it back: `npm run demo`.
 *
 *   --keep       leaves the server up until Ctrl-C
 *   --url URL    runs on that empty PostgreSQL, MySQL or MariaDB database instead of on SQLite in a temporary folder
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import type { LoadResult } from "./load.ts";

const REQUESTS = 2000;
const AT_A_TIME = 64;

const { values: options } = parseArgs({
  options: { keep: { type: "boolean", default: false }, url: { type: "string" } },
});

const began = performance.now();
const folder = options.url === undefined ? await mkdtemp(join(tmpdir(), "contacts-")) : undefined;
// database.ts reads it, here and in the processes that this one starts.
process.env.DATABASE_URL = options.url ?? `sqlite:${join(folder ?? "", "contacts.db")}`;

try {
  const { db } = await import("./database.ts");
  say(styleText("bold", "Contacts"), `on ${db.dialect}`);
  await rider("migrate");
  await rider("migrations");
  try {
    await serve();
  } finally {
    await rider("rollback", "--all");
  }
  say(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (folder !== undefined) await rm(folder, { recursive: true });
}

async function serve(): Promise<void> {
  const { db } = await import("./database.ts");
  const { poolFigures, server } = await import("./server.ts");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    say(`A web server listens on ${styleText("cyan", address)}`);
    console.log(`and a second process sends ${REQUESTS} requests, ${AT_A_TIME} at a time:\n`);
    const output = await run("load.ts", [address, String(REQUESTS), String(AT_A_TIME)], "pipe");
    show(JSON.parse(output) as LoadResult, { ...poolFigures(), allowed: db.stats().max });
    if (options.keep) {
      say(`The server stays up: ${styleText("cyan", `${address}/contacts`)} (Ctrl-C ends it)`);
      await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    }
  } finally {
    server.close();
    server.closeAllConnections();
    await db.drain("5s"); // who still has a connection may finish; then all are closed
  }
}

function show(
  { requests, errors, p50, p99 }: LoadResult,
  { opened, mostInUse, allowed }: { opened: number; mostInUse: number; allowed: number },
): void {
  const rows: [name: string, value: string][] = [
    ["requests", String(requests)],
    ["errors", styleText(errors === 0 ? "green" : "red", String(errors))],
    ["p50", `${p50.toFixed(1)} ms`],
    ["p99", `${p99.toFixed(1)} ms`],
    ["connections opened", `${opened} (${allowed} allowed)`],
    ["most in use", String(mostInUse)],
  ];
  for (const [name, value] of rows) console.log(`  ${name.padEnd(18)}  ${value}`);
  if (errors > 0) process.exitCode = 1;
}

/** Runs the command `rider`, which finds rider.ts in this folder. In a project of your own: `npx rider migrate`. */
async function rider(...args: string[]): Promise<void> {
  say(styleText("dim", "$"), `rider ${args.join(" ")}`);
  await run("../../src/cli/bin.ts", args, "inherit");
}

/** Runs a program of this folder with the flags that this one has, and gives what it prints. */
async function run(file: string, args: string[], stdout: "pipe" | "inherit"): Promise<string> {
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
    cwd: import.meta.dirname,
    stdio: ["ignore", stdout, "inherit"],
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with exit code ${code}.`);
  return output;
}

/** A line after an empty one. */
function say(...words: string[]): void {
  console.log(`\n${words.join(" ")}`);
}
