/** With somebody waiting, a server that is down is probed after this many milliseconds, and a little by chance. */
const PROBE_AFTER = 175;
const PROBE_SPREAD = 50;
/** With nobody waiting (only `minConnections` to be kept), the pause doubles up to this. */
const LONGEST_PAUSE = 30_000;
/** After so many failures in a row, who has no `timeout` gets the last error without another attempt. */
const CERTAIN = 3;

/**
 * What is known about a server that could not be reached. While it is down one attempt at a time is made, so that its
 * coming back is not greeted by a storm; the spread keeps many processes from probing in step.
 */
export class Outage {
  /** Failed attempts since the last that succeeded. */
  failures = 0;
  private failedAt = 0;
  private chance = 0;

  /** Whether the last attempt to connect failed. */
  get on(): boolean {
    return this.failures > 0;
  }

  /** Whether there is no doubt any more. */
  get certain(): boolean {
    return this.failures >= CERTAIN;
  }

  failed(now: number, chance: number): void {
    this.failures++;
    this.failedAt = now;
    this.chance = chance;
  }

  over(): void {
    this.failures = 0;
  }

  /** When the next attempt is due. */
  nextAttempt(somebodyWaits: boolean): number {
    const probe = PROBE_AFTER + PROBE_SPREAD * this.chance;
    if (somebodyWaits) return this.failedAt + probe;
    return this.failedAt + Math.min(probe * 2 ** Math.min(this.failures - 1, 20), LONGEST_PAUSE);
  }
}
