import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { Word } from "./watchdog.ts";

/**
 * This process as the owner of servers and folders. The first word starts its watchdog, which cleans up when the
 * process ends; see `watchdog.ts`.
 */
export const owner = {
  tell(word: Word): void {
    line ??= start();
    line.write(`${JSON.stringify(word)}\n`);
  },
};

let line: Writable | undefined;

function start(): Writable {
  const child = spawn(process.execPath, [new URL("./watchdog.ts", import.meta.url).pathname], {
    // In a session of its own: Ctrl-C in a terminal is sent to everybody in the terminal's.
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
    cwd: "/",
    env: { PATH: process.env.PATH },
  });
  child.unref();
  // Neither end may keep this process alive. A watchdog that was killed is no reason to fail a test.
  const { stdin } = child;
  stdin.on("error", () => {});
  // Bun has nothing to be told here.
  (stdin as unknown as { unref?(): void }).unref?.();
  return stdin;
}
