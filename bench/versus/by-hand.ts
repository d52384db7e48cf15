import { AsyncLocalStorage } from "node:async_hooks";
import { CONNECTIONS, Fake, type Fakes } from "./fake.ts";

/** The least that a limit can be: a list of free ones and a line of callers. No timeout, no check, no error handling. */
class Limit {
  readonly #free: Fake[];
  #line: ((fake: Fake) => void)[] = [];
  #head = 0;

  constructor(max: number) {
    this.#free = Array.from({ length: max }, () => new Fake());
  }

  acquire(): Fake | Promise<Fake> {
    return this.#free.pop() ?? new Promise((resolve) => this.#line.push(resolve));
  }

  release(fake: Fake): void {
    const next = this.#line[this.#head];
    if (next === undefined) {
      this.#free.push(fake);
      return;
    }
    this.#head++;
    if (this.#head === this.#line.length) {
      this.#line = [];
      this.#head = 0;
    }
    next(fake);
  }
}

export function limitByHand(max = CONNECTIONS): Fakes {
  const limit = new Limit(max);
  return {
    async with(fn) {
      const fake = await limit.acquire();
      try {
        await fn(fake);
      } finally {
        limit.release(fake);
      }
    },
  };
}

/** The same, where what is awaited finds the connection by itself. */
export function limitWithContext(max = CONNECTIONS): Fakes {
  const limit = new Limit(max);
  const storage = new AsyncLocalStorage<{ readonly fake: Fake }>();
  return {
    async with(fn) {
      const fake = await limit.acquire();
      try {
        await storage.run({ fake }, fn, fake);
      } finally {
        limit.release(fake);
      }
    },
  };
}

/** No limit at all: what the loop around it costs. */
export function noLimit(): Fakes {
  return {
    async with(fn) {
      await fn(new Fake());
    },
  };
}
