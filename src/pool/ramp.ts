/** How long nothing may move before a brief caller's wait is a reason to open another connection, in milliseconds. */
export const PATIENCE = 20;
/** How long there may be a line, although things move, before one more is opened. */
export const LONG_PATIENCE = 50;

/**
 * How many connections may be opened for callers who want one for a single statement. They come in bursts that are
 * over before a new connection would be there, so they wait their turn. A line that stays is no burst: while connections
 * come back, one more is opened each `LONG_PATIENCE`, or, where statements share connections and so need fewer, when the
 * first in line has waited for that long. Where nothing comes back (slow statements), one, two, four… are opened each
 * `PATIENCE`, so that nobody stays behind a slow statement for long.
 */
export class Ramp {
  /** When to look again. */
  at = Number.POSITIVE_INFINITY;
  private step = 1;
  private grantedAt = 0;
  private movedAt = Number.NEGATIVE_INFINITY;
  private sharedAt = Number.NEGATIVE_INFINITY;

  /** The first brief caller joins the line. */
  begin(now: number): void {
    this.at = now + PATIENCE;
    this.step = 1;
    this.grantedAt = now;
  }

  /** A connection came back. */
  moved(now: number): void {
    this.movedAt = now;
  }

  /** Somebody may go from the line to a connection that others are using. */
  shared(now: number): void {
    this.movedAt = now;
    this.sharedAt = now;
  }

  /** At `at`: how many may be opened. */
  grant(now: number, waitingSince: number): number {
    this.at = now + PATIENCE;
    if (now - this.movedAt >= PATIENCE) {
      const granted = this.step;
      this.step *= 2;
      this.grantedAt = now;
      return granted;
    }
    this.step = 1;
    if (now - this.grantedAt < LONG_PATIENCE) return 0;
    if (now - this.sharedAt < LONG_PATIENCE && now - waitingSince < LONG_PATIENCE) return 0;
    this.grantedAt = now;
    return 1;
  }
}
