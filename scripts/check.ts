/**
 * `npm run check`: all that needs no database and takes seconds: types, lint and format, unused code and dependencies, the
 * architecture. Side by side; only what fails is printed.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

const CHECKS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  types: [bin("tsc"), "-p", "."],
  "lint and format (`npm run format` mends most)": [bin("biome"), "ci", "--colors=off", "."],
  "unused code and dependencies": [bin("knip"), "--no-progress"],
  architecture: [process.execPath, "--test", "test/architecture.test.ts"],
};

const before = performance.now();
const results = await Promise.all(Object.entries(CHECKS).map(([name, command]) => run(name, ...command)));
for (const { name, output } of results.filter((result) => !result.ok)) {
  console.error(`\n✖ ${name}\n${output.trimEnd()}`);
}
const failed = results.filter((result) => !result.ok).length;
const seconds = ((performance.now() - before) / 1000).toFixed(1);
console.log(
  `${failed === 0 ? "" : "\n"}${results.length - failed} checks passed, ${failed} failed, in ${seconds} s`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function run(
  name: string,
  command: string,
  ...args: readonly string[]
): Promise<{ name: string; ok: boolean; output: string }> {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ok = await new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
  return { name, ok, output };
}
