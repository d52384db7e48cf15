import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { Rider, type RiderConfig, type RiderEvent, type RunOptions } from "../../../src/rider.ts";
import type { FreshDatabase } from "../../support/database.ts";
import { plain } from "../../support/open.ts";

const BIN = join(import.meta.dirname, "../../../src/cli/bin.ts");

/** How a process ended, and what it wrote. */
export interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A folder with migrations, as somebody's project would be. */
export interface Project {
  readonly folder: string;
  /** Writes files by their path in the project. */
  write(files: Readonly<Record<string, string>>): void;
  remove(name: string): void;
  /** The names in `migrations/`. */
  migrations(): string[];
  /** Runs the command `rider` here, to its end. */
  rider(...args: string[]): Promise<Ended>;
  /** Starts the command `rider` here. */
  start(...args: string[]): Running;
}

/** A new project; `files` are written into it, those without a folder into `migrations/`. Removed after the tests. */
export function project(files: Readonly<Record<string, string>> = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), "apo-rider-"));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const path = (name: string): string =>
    join(folder, name.includes("/") || name === "package.json" ? name : `migrations/${name}`);
  mkdirSync(join(folder, "migrations"));
  const made: Project = {
    folder,
    write(more) {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(path(name)), { recursive: true });
        writeFileSync(path(name), text);
      }
    },
    remove: (name) => rmSync(path(name)),
    migrations: () => readdirSync(join(folder, "migrations")).sort(),
    rider: (...args) => made.start(...args).ended,
    start(...args) {
      const child = spawn(process.execPath, ["--conditions=apocryphan-source", BIN, ...args], {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NO_COLOR: "1", NODE_TEST_CONTEXT: undefined, FORCE_COLOR: undefined },
      });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      const ended = new Promise<Ended>((resolve) => {
        child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
      });
      return { process: child, ended };
    },
  };
  made.write(files);
  return made;
}

/** A Rider of this process, on a project's migrations. */
export function riderOn(database: FreshDatabase, { folder }: Project, config: RiderConfig = {}): Rider {
  return new Rider(plain(database), { source: join(folder, "migrations"), ...config });
}

/** Collects what a run says. */
export function listening(): { readonly events: RiderEvent[]; readonly options: RunOptions } {
  const events: RiderEvent[] = [];
  return { events, options: { onEvent: (event) => events.push(event) } };
}

/** A query's rows as plain objects; counts and the like as numbers, whatever the client makes of them. */
export async function rows(database: FreshDatabase, query: string): Promise<Record<string, unknown>[]> {
  const found = await database.exec(query);
  return found.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "bigint" || (typeof value === "string" && /^\d+$/.test(value))
          ? Number(value)
          : value,
      ]),
    ),
  );
}

/** The ids in the log, in the order of time, with what was done. */
export async function log(database: FreshDatabase): Promise<string[]> {
  const rows = await database.exec<{ migration: string; operation: string }>(
    "select migration, operation from _rider_logs order by migration, operation",
  );
  return rows.map(({ migration, operation }) => `${operation} ${migration}`);
}

/** The ids that are recorded as applied. */
export async function applied(database: FreshDatabase): Promise<string[]> {
  const rows = await database.exec<{ migration: string }>(
    "select migration from _rider_migrations order by migration",
  );
  return rows.map(({ migration }) => migration);
}

/** The error that a promise is rejected with. */
export async function failure<Kind extends Error>(promise: Promise<unknown>): Promise<Kind> {
  try {
    await promise;
  } catch (error) {
    return error as Kind;
  }
  throw new Error("This was expected to fail, and did not.");
}
