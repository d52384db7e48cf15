import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { until } from "../wait.ts";
import { account } from "./account.ts";
import { owner } from "./owner.ts";
import { alive, inside, killAll, members, signal, started, state } from "./processes.ts";

/** How to run a server program. */
export interface Recipe {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it works and keeps its data; how its processes are known. */
  readonly folder: string;
  readonly log: string;
  /** The signal that ends it in good order, callers cut off. */
  readonly orderly: NodeJS.Signals;
  /** The signal that ends it as fast as it can without leaving anything in the system. */
  readonly quick: NodeJS.Signals;
  /** Whether the process `pid` takes connections; `log` is what it has written so far. */
  ready(log: string, pid: number): boolean;
}

/** A server program that runs in the background, and dies with this process at the latest. */
export class Daemon {
  readonly recipe: Recipe;
  #child: ChildProcess | undefined;
  #pid = 0;

  constructor(recipe: Recipe) {
    this.recipe = recipe;
  }

  /** The process that was started last. */
  get pid(): number {
    return this.#pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All that it wrote since the last start. */
  log(): string {
    return existsSync(this.recipe.log) ? readFileSync(this.recipe.log, "utf8") : "";
  }

  /** @throws Error with the end of its log where it ends before it is ready */
  async start(): Promise<void> {
    const { command, args, env, folder, log, name, quick } = this.recipe;
    const out = openSync(log, "w");
    const child = spawn(command, args, {
      cwd: folder,
      detached: true,
      stdio: ["ignore", out, out],
      env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC", ...env },
      ...account(),
    });
    closeSync(out);
    let failed: Error | undefined;
    child.once("error", (error) => {
      failed = error;
    });
    const { pid } = child;
    if (pid !== undefined) {
      this.#child = child;
      this.#pid = pid;
      owner.tell({ op: "watch", pid, started: started(pid), folder, signal: quick });
      child.once("exit", () => owner.tell({ op: "forget", pid }));
      child.unref();
    }
    await until(
      `${name} to take connections`,
      () => {
        if (failed) return true;
        return !this.running || this.recipe.ready(this.log(), this.#pid);
      },
      { seconds: 90 },
    ).catch(async (error: unknown) => {
      await this.kill();
      throw new Error(`${String(error)}\n${tail(this.log())}`);
    });
    if (failed) throw new Error(`${name} did not start: ${failed.message}`);
    if (!this.running) throw new Error(`${name} ended before it took connections:\n${tail(this.log())}`);
  }

  /** `SIGKILL` to all its processes. Settles when they are gone. */
  async kill(): Promise<void> {
    if (this.running) killAll(this.#pid, this.recipe.folder);
    await this.#gone();
  }

  /** `SIGSTOP` to all its processes: connections stay open, and nobody answers. Settles when they are stopped. */
  async stop(): Promise<void> {
    await this.#each("SIGSTOP", (pid) => state(pid) !== "T" && state(pid) !== "");
  }

  /** `SIGCONT` to all its processes. */
  async cont(): Promise<void> {
    await this.#each("SIGCONT", (pid) => state(pid) === "T");
  }

  /** Ends it in good order, or, with `"quick"`, as fast as leaves nothing behind. Settles when it is gone. */
  async end(how: "orderly" | "quick"): Promise<void> {
    if (this.running) {
      await this.cont();
      signal(this.#pid, this.recipe[how]);
    }
    await this.#gone();
  }

  async #gone(): Promise<void> {
    await until(`${this.recipe.name} (process ${this.#pid}) to end`, () => !this.running).catch(() => {
      killAll(this.#pid, this.recipe.folder);
    });
    await until(`all processes of ${this.recipe.name} to end`, () => {
      const left = inside(this.recipe.folder);
      for (const pid of left) signal(pid, "SIGKILL");
      return left.length === 0;
    });
  }

  /** Signals members until none is left that `pending` tells apart, since they may still start others. */
  async #each(name: NodeJS.Signals, pending: (pid: number) => boolean): Promise<void> {
    if (!this.running) throw new Error(`${this.recipe.name} is not running.`);
    const all = (): number[] => members(this.#pid, this.recipe.folder).filter(alive);
    // The first one first: once it is stopped it starts no more.
    for (const pid of [this.#pid, ...all()]) signal(pid, name);
    await until(`${name} to reach all processes of ${this.recipe.name}`, () => {
      const left = all().filter(pending);
      for (const pid of left) signal(pid, name);
      return left.length === 0;
    });
  }
}

function tail(log: string): string {
  return log.trimEnd().split("\n").slice(-25).join("\n");
}
