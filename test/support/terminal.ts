import { type ChildProcess, spawn } from "node:child_process";
import { after } from "node:test";
import { until } from "./wait.ts";

/** A program that believes a person sits before it. */
export interface OnTerminal {
  /** All that the terminal was sent so far. */
  readonly seen: string;
  /** Waits until the terminal shows something. */
  shows(what: RegExp): Promise<void>;
  /** Types, with what a keyboard sends for Return at the end. */
  type(line: string): void;
  /** The exit code, when it has ended. */
  readonly ended: Promise<number>;
}

/**
 * Starts a program in a real terminal, which `script` makes (Debian's package bsdutils, macOS and the BSDs have it by themselves).
 *
 * @param command for the shell
 * @param env added to this process's environment; colours are neither asked for nor forbidden unless it says so
 */
export function onTerminal(command: string, cwd: string, env: NodeJS.ProcessEnv = {}): OnTerminal {
  const { NODE_TEST_CONTEXT: _, NO_COLOR: __, FORCE_COLOR: ___, CI: ____, ...inherited } = process.env;
  const child: ChildProcess = spawn("script", ["-q", "-e", "-c", `stty cols 200; ${command}`, "/dev/null"], {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...inherited, TERM: "xterm-256color", ...env },
  });
  // Where a test fails, nobody types what it waits for.
  after(() => void child.kill("SIGKILL"));
  let seen = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  let over = false;
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      over = true;
      const missing =
        "There is no program `script` here, which makes the terminal. Install it: apt-get install bsdutils";
      reject(error.code === "ENOENT" ? new Error(missing, { cause: error }) : error);
    });
    child.on("close", (code) => {
      over = true;
      resolve(code ?? -1);
    });
  });
  // Whoever waits for what it shows is told of a failure there.
  ended.catch(() => undefined);
  return {
    get seen() {
      return seen;
    },
    async shows(what) {
      await until(`the terminal to show ${what}`, () => over || what.test(seen));
      if (over) await ended;
      if (!what.test(seen)) throw new Error(`It ended and had not shown ${what}:\n${seen}`);
    },
    type: (line) => void child.stdin?.write(`${line}\r`),
    ended,
  };
}
