import { setTimeout as sleep } from "node:timers/promises";
import { AbortError } from "../../base/error.ts";
import { LockError } from "../model/errors.ts";

/** Milliseconds from one look to the next: soon at first, since most runs are short, and then at leisure. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

/** Milliseconds from one report that Rider is still waiting to the next. */
const REPORT_EVERY = 5000;

/** How long to wait for somebody else's run, and whom to tell. */
export interface Patience {
  /** Milliseconds until it is given up. */
  readonly limit: number;
  /** Told at first and then now and again. Times are in seconds. */
  waiting(holder: string | undefined, seconds: number, limit: number): void;
  readonly signal?: AbortSignal | undefined;
}

/** One look at what is waited for: nothing in the way, or what is. */
export type Look = { readonly free: true } | { readonly free: false; readonly holder: string | undefined };

/**
 * Looks again and again until nothing is in the way.
 *
 * @param what what is waited for, to stand after "because"
 * @throws LockError when the limit has passed; AbortError when the signal is aborted
 */
export async function waitUntilFree(
  what: string,
  patience: Patience,
  look: () => Promise<Look>,
): Promise<void> {
  const began = performance.now();
  let pause = FIRST_PAUSE;
  let reported = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (patience.signal?.aborted)
      throw new AbortError("Waiting for the lock", { cause: patience.signal.reason });
    const seen = await look();
    if (seen.free) return;
    const waited = performance.now() - began;
    if (waited >= patience.limit) throw tooLong(what, seen.holder, waited);
    if (waited - reported >= REPORT_EVERY) {
      reported = waited;
      patience.waiting(seen.holder, Math.round(waited / 1000), patience.limit / 1000);
    }
    // Two runners that were started together would look together for ever; chance takes them apart.
    const next = Math.min(pause * (0.75 + Math.random() / 2), patience.limit - waited);
    await sleep(next, undefined, { signal: patience.signal }).catch(() => undefined);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE);
  }
}

function tooLong(what: string, holder: string | undefined, waited: number): LockError {
  const seconds = Math.round(waited / 100) / 10;
  return new LockError(
    `Rider waited ${seconds} s and gave up, because ${what}${holder === undefined ? "" : ` (${holder})`}. ` +
      "Nothing was changed. Wait until that run has ended and start again, or allow more time with --lock-timeout.",
    { holder },
  );
}
