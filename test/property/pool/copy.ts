import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** A copy of the pool and its tests, in which a file can be changed and tried. */
export class Copy {
  readonly root = mkdtempSync(join(tmpdir(), "apocryphan-copy-"));

  constructor() {
    writeFileSync(join(this.root, "package.json"), '{"type":"module"}');
    for (const part of ["src/base", "src/pool", "test/pure/pool", "test/property/pool"]) {
      mkdirSync(join(this.root, part), { recursive: true });
      cpSync(join(ROOT, part), join(this.root, part), { recursive: true });
    }
  }

  read(file: string): string {
    return readFileSync(join(ROOT, file), "utf8");
  }

  /** Runs `node args…` in the copy with `file` changed to `text`. Gives what it said, and whether it failed or took too long. */
  try(
    file: string,
    text: string,
    args: readonly string[],
    timeout: number,
  ): { failed: boolean; said: string } {
    const path = join(this.root, file);
    writeFileSync(path, text);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const run = spawnSync(process.execPath, args, { cwd: this.root, timeout, encoding: "utf8", env });
    writeFileSync(path, this.read(file));
    return { failed: run.status !== 0, said: run.error ? run.error.message : run.stdout };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
