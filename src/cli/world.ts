import type { Rider } from "../rider/run/rider.ts";

/** Where the program reads from and writes to. The process's own by default; tests give others. */
export interface World {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly in: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly cwd: string;
  /** Set where a program has a Rider already and only wants its arguments understood. */
  readonly rider?: Rider | undefined;
}

/** This process, where `given` says nothing else. Its standard input is only opened by who reads it. */
export function worldOf(given: Partial<World>): World {
  return {
    out: given.out ?? process.stdout,
    err: given.err ?? process.stderr,
    get in() {
      return given.in ?? process.stdin;
    },
    cwd: given.cwd ?? process.cwd(),
    rider: given.rider,
  };
}

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config?: string | undefined;
  readonly url?: string | undefined;
  readonly source?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 `check` found something. */
export const EXIT = { done: 0, failed: 1, usage: 2, found: 3 } as const;

/** The command was used wrongly. */
export class UsageError extends Error {}
