import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../src/base/clock.ts";
import type { Loan } from "../../../src/pool/loan.ts";
import { type PoolOptionsInput, parsePoolOptions } from "../../../src/pool/options.ts";
import { Pool, type PoolWorld } from "../../../src/pool/pool.ts";
import type { Resource } from "../../../src/pool/resource.ts";

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  time = 1000;
  /** Milliseconds for which the event loop was asleep. */
  asleep = 0;
  readonly timers = new Set<{ at: number; fn: () => void; idle: boolean }>();

  now(): number {
    return this.time;
  }

  after(ms: number, fn: () => void, options?: { idle?: boolean }): () => void {
    const timer = { at: this.time + Math.max(ms, 0), fn, idle: options?.idle === true };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets `ms` pass, timer by timer, and between them whatever the timers set going. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await settle();
      const due = [...this.timers].sort((a, b) => a.at - b.at)[0];
      if (due === undefined || due.at > until) break;
      this.sleep(Math.max(due.at - this.time, 0));
      this.timers.delete(due);
      due.fn();
    }
    this.sleep(until - this.time);
    await settle();
  }

  /** The event loop is busy for `ms`, and hears nothing. */
  block(ms: number): void {
    this.time += ms;
  }

  /** The event loop has nothing to do for `ms`, or the process is frozen. */
  sleep(ms: number): void {
    this.time += ms;
    this.asleep += ms;
  }
}

/** Until nothing moves any more without the clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
}

export interface Thing {
  readonly id: number;
  /** What the pool was told to call when it dies. */
  die: (cause: Error) => void;
  alive: boolean;
  checks: number;
  resets: number;
}

/** A resource of things whose every step a test can replace, and which counts what is open. */
export class FakeResource implements Resource<Thing> {
  opened = 0;
  closed = 0;
  /** Attempts to open since the start. */
  attempts = 0;
  /** Open now, those being opened or closed included; and the most there ever were. */
  alive = 0;
  most = 0;
  readonly things: Thing[] = [];
  opens: (signal: AbortSignal) => Promise<unknown> = async () => undefined;
  closes: (thing: Thing) => Promise<void> = async () => undefined;
  resets: (thing: Thing) => boolean | Promise<boolean> = () => true;
  checks: (thing: Thing) => Promise<boolean> = async () => true;
  lasting: ((error: unknown) => boolean) | undefined = undefined;

  open(signal: AbortSignal): Promise<Thing> {
    this.attempts++;
    this.most = Math.max(this.most, ++this.alive);
    const opening = this.opens(signal);
    return opening.then(
      () => {
        const thing = { id: ++this.opened, die: () => undefined, alive: true, checks: 0, resets: 0 };
        this.things.push(thing);
        return thing;
      },
      (error) => {
        this.alive--;
        throw error;
      },
    );
  }

  async close(thing: Thing): Promise<void> {
    thing.alive = false;
    await this.closes(thing);
    this.closed++;
    this.alive--;
  }

  usable(thing: Thing): boolean {
    return thing.alive;
  }

  check(thing: Thing): Promise<boolean> {
    thing.checks++;
    return this.checks(thing);
  }

  reset(thing: Thing): boolean | Promise<boolean> {
    thing.resets++;
    return this.resets(thing);
  }

  onLost(thing: Thing, lost: (cause: Error) => void): void {
    thing.die = lost;
  }
}

export interface Rig {
  readonly pool: Pool<Thing>;
  readonly resource: FakeResource;
  readonly clock: FakeClock;
}

/** A pool of fake things on a fake clock. */
export function rig(
  options: PoolOptionsInput = {},
  world: PoolWorld = {},
  resource = new FakeResource(),
): Rig {
  const clock = new FakeClock();
  const loop = { afterTurn: (fn: () => void) => void setImmediate(fn), idleTime: () => clock.asleep };
  const pool = new Pool<Thing>(resource, parsePoolOptions({ ...options }), {
    clock,
    chance: () => 0.5,
    loop,
    ...world,
  });
  return { pool, resource, clock };
}

/** `count` loans, side by side. */
export async function loans(pool: Pool<Thing>, count: number): Promise<Loan<Thing>[]> {
  return Promise.all(Array.from({ length: count }, () => pool.acquire()));
}

/** What became of a promise so far. */
export interface Fate<T> {
  state: "pending" | "fulfilled" | "rejected";
  value: T | undefined;
  error: unknown;
}

/** Watches a promise (or a value that is there already) without waiting for it. */
export function watch<T>(promise: T | Promise<T>): Fate<T> {
  const fate: Fate<T> = { state: "pending", value: undefined, error: undefined };
  Promise.resolve(promise).then(
    (value) => {
      fate.state = "fulfilled";
      fate.value = value;
    },
    (error: unknown) => {
      fate.state = "rejected";
      fate.error = error;
    },
  );
  return fate;
}

/** A promise and what settles it. */
export function gate(): { readonly promise: Promise<void>; open: () => void; fail: (error: Error) => void } {
  let open = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** Chance that is the same each time. */
export function seededChance(seed: number): () => number {
  let state = (seed + 1) * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
