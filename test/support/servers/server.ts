import { Daemon, type Recipe } from "./daemon.ts";
import { removeFolder } from "./folder.ts";

/** A throw-away server of this process's own. It dies with the process at the latest. */
export abstract class Server implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** The folder that holds its Unix socket (and everything else of it). */
  readonly socketDir: string;
  readonly #daemon: Daemon;

  constructor(port: number, recipe: Recipe) {
    this.port = port;
    this.socketDir = recipe.folder;
    this.#daemon = new Daemon(recipe);
  }

  /** With user and password, so that it is all a client needs. */
  abstract readonly url: string;

  /** The id of the server's first process; another one after `restart`. */
  get pid(): number {
    return this.#daemon.pid;
  }

  get running(): boolean {
    return this.#daemon.running;
  }

  /** What it logged since it was last started. */
  log(): string {
    return this.#daemon.log();
  }

  /** Starts it, with the data and the port it had; one that runs is ended in good order first. */
  async restart(): Promise<void> {
    await this.#daemon.end("orderly");
    await this.#daemon.start();
  }

  /** `SIGKILL` to all its processes at once, as when the power fails. Settles when they are gone. */
  kill(): Promise<void> {
    return this.#daemon.kill();
  }

  /** Freezes all its processes (`SIGSTOP`): connections stay open, and nobody answers. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  /** Lets a frozen one go on (`SIGCONT`). */
  cont(): Promise<void> {
    return this.#daemon.cont();
  }

  /** Ends it as an administrator would: sessions are cut off, data is written. `restart` brings it back. */
  terminate(): Promise<void> {
    return this.#daemon.end("orderly");
  }

  /** Ends it and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.end("quick");
    removeFolder(this.socketDir);
  }
}
