import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { PooledOptions } from "apocryphan/pool";
import type { ServerKind } from "../support.ts";

/** A program with a pool in a process of its own; see `holder.ts`. */
export class Child {
  readonly process: ChildProcess;
  /** All that it wrote to standard error. */
  stderr = "";
  readonly #lines: AsyncIterator<string>;

  constructor(kind: ServerKind, options: PooledOptions, t: Pick<TestContext, "after">) {
    const file = new URL("holder.ts", import.meta.url).pathname;
    // The library in its default state: no flag that softens what an unhandled rejection does.
    this.process = spawn(
      process.execPath,
      ["--conditions=apocryphan-source", file, kind, JSON.stringify(options)],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    this.process.stderr?.on("data", (chunk) => {
      this.stderr += String(chunk);
    });
    if (this.process.stdout === null) throw new Error("The child has no standard output.");
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    t.after(() => {
      this.process.kill("SIGKILL");
    });
  }

  /** Sends a command without waiting for its answer. */
  say(name: string, n = 0): void {
    this.process.stdin?.write(`${JSON.stringify([name, n])}\n`);
  }

  /** The next answer. @throws Error with what it wrote when it has ended */
  async answer<T = unknown>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The child ended (${this.process.exitCode}). It wrote:\n${this.stderr}`);
    const answer = JSON.parse(value) as { value: T } | { error: string };
    if ("error" in answer) throw new Error(answer.error);
    return answer.value;
  }

  ask<T = unknown>(name: string, n = 0): Promise<T> {
    this.say(name, n);
    return this.answer<T>();
  }

  /** Ends its input; gives its exit code. */
  async end(): Promise<number | null> {
    this.process.stdin?.end();
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "exit");
    return this.process.exitCode;
  }
}
