import type { Block } from "../base/ask.ts";
import type { Frame } from "./frame.ts";

/** What an open block needs of its connection. */
export interface BlockHost {
  /** Runs `fn` in an `atomic` block. */
  atomic(fn: () => Promise<void>): Promise<void>;
  /** The level in which the code that asks would send a statement. */
  frame(): Frame;
  /** Runs `fn` in a level. */
  runIn<T>(frame: Frame, fn: () => T): T;
}

/** An `atomic` block that is begun here and ended from elsewhere: its function returns when it is told to. */
export class OpenBlock implements Block {
  readonly begun: Promise<void>;
  readonly #host: BlockHost;
  /** Set when it has begun. */
  #frame: Frame | undefined;
  readonly #end = Promise.withResolvers<void>();
  readonly #over: Promise<void>;

  constructor(host: BlockHost) {
    this.#host = host;
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    this.#over = host.atomic(() => {
      this.#frame = host.frame();
      begun.resolve();
      return this.#end.promise;
    });
    // Whoever ends it hears of its failure; where nobody does, it is not to end the process.
    this.#over.catch(begun.reject);
    this.#end.promise.catch(() => {});
  }

  get level(): Frame | undefined {
    return this.#frame;
  }

  run<T>(fn: () => T): T {
    return this.#frame === undefined ? fn() : this.#host.runIn(this.#frame, fn);
  }

  commit(): Promise<void> {
    this.#end.resolve();
    return this.#over;
  }

  async rollBack(): Promise<void> {
    this.#end.reject(new Error("The block was rolled back, as it was asked to be."));
    await this.#over.catch(() => {});
  }
}
