/** An empty project in a temporary folder, in which the package is installed as users have it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { FreshDatabase } from "../support/database.ts";
import { ROOT } from "./pages.ts";

export interface Ended {
  readonly code: number | null;
  /** What was written to standard output. */
  readonly out: string;
  /** What was written to either. */
  readonly all: string;
}

export interface Project {
  readonly folder: string;
  write(path: string, text: string): void;
  /** Runs a command of a shell here. Its database is the one in `DATABASE_URL` and the variables named after servers. */
  run(command: string, database?: FreshDatabase): Promise<Ended>;
  remove(): void;
}

/** What the pages' programs may import beside this package: the types, and all that this package is developed with. */
const INSTALLED: readonly string[] = [
  "@types",
  ...Object.keys(
    (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { devDependencies: object })
      .devDependencies,
  ).filter((name) => !name.startsWith("@types/")),
];

const CONDITION = "--conditions=apocryphan-source";

export function emptyProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), "apocryphan-docs-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("package.json", '{ "type": "module", "private": true }\n');
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules/apocryphan"), "dir");
  for (const name of INSTALLED) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "dir");
  }
  const program = join(ROOT, "src/cli/bin.ts");
  const bin = join(folder, "node_modules/.bin/rider");
  writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" ${CONDITION} "${program}" "$@"\n`);
  chmodSync(bin, 0o755);
  return {
    folder,
    write,
    run: (command, database) => run(command, folder, database),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function run(command: string, cwd: string, database?: FreshDatabase): Promise<Ended> {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...variables(database),
      PATH: [join(cwd, "node_modules/.bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
      NODE_OPTIONS: CONDITION,
    },
  });
  let out = "";
  let all = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    all += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, all };
}

function variables(database: FreshDatabase | undefined): NodeJS.ProcessEnv {
  if (database === undefined) return {};
  if (database.dialect !== "postgresql") return { DATABASE_URL: database.url };
  const { hostname, port, username, password } = new URL(database.url);
  return {
    DATABASE_URL: database.url,
    POSTGRES_HOST: hostname,
    POSTGRES_PORT: port,
    POSTGRES_USER: decodeURIComponent(username),
    POSTGRES_PASSWORD: decodeURIComponent(password),
    POSTGRES_DB: database.name,
  };
}
