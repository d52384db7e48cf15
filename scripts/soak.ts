/**
 * `npm run soak [-- part…]`: the long forms of what the tests do briefly. Parts are the keys of `PARTS`; all
 * of them by default, one after the other, which takes hours. Ends with 1 where one of them failed.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

interface Part {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const SOURCE = "--conditions=apocryphan-source";

/** Long forms take longer than scripts/test.ts lets a file; what hangs is still ended, after three hours. */
const LONG = `--test-timeout=${3 * 60 * 60 * 1000}`;

const PARTS: Readonly<Record<string, readonly Part[]>> = {
  machine: [{ command: [SOURCE, "scripts/soak/machine.ts"] }],
  interleavings: [
    {
      command: ["scripts/test.ts", LONG, "test/property/pool/interleavings.test.ts"],
      env: { APOCRYPHAN_EXPLORE: "deep" },
    },
  ],
  memory: [
    { command: [SOURCE, "scripts/soak/memory.ts", "1e6", "postgresql"] },
    { command: [SOURCE, "scripts/soak/memory.ts", "1e6", "mysql"] },
  ],
  chaos: [
    { command: [SOURCE, "scripts/soak/chaos.ts", "300", "pg"] },
    { command: [SOURCE, "scripts/soak/chaos.ts", "300", "mysql2"] },
    { command: [SOURCE, "scripts/soak/chaos.ts", "300", "mariadb"] },
  ],
  numbered: [
    {
      command: ["scripts/test.ts", LONG, "test/database/multiplex/numbered.test.ts"],
      env: { APOCRYPHAN_SOAK_SECONDS: "300" },
    },
  ],
  web: [
    {
      command: ["scripts/test.ts", "test/integrations/web/load.test.ts"],
      env: { APOCRYPHAN_SOAK_SECONDS: "60" },
    },
  ],
  frozen: [
    { command: ["scripts/test.ts", "test/fault/frozen-process.test.ts"], env: { APOCRYPHAN_SOAK: "1" } },
  ],
  browser: [{ command: ["scripts/test.ts", "test/browser"], env: { APOCRYPHAN_BROWSER: "1" } }],
  // Each prints a line for each database. Side by side, since both wait most of the time.
  rider: [
    {
      command: [
        "scripts/test.ts",
        LONG,
        "test/database/rider/exactly-once.test.ts",
        "test/database/rider/killed-anywhere.test.ts",
      ],
      env: {
        APOCRYPHAN_SOAK_PROCESSES: "16",
        APOCRYPHAN_SOAK_ROUNDS: process.env.APOCRYPHAN_SOAK_ROUNDS ?? "20",
        APOCRYPHAN_SOAK_CORPUS: process.env.APOCRYPHAN_SOAK_CORPUS ?? "3",
      },
    },
  ],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}. Parts are ${Object.keys(PARTS).join(", ")}.`);
  process.exit(2);
}

for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  for (const { command, env } of PARTS[name] ?? []) {
    console.log(`::: ${name}: node ${command.join(" ")}`);
    const cwd = join(import.meta.dirname, "..");
    const { status } = spawnSync(process.execPath, command, {
      cwd,
      stdio: "inherit",
      env: { ...process.env, ...env },
    });
    if (status !== 0) process.exitCode = 1;
  }
}
