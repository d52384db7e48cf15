import type { Clock } from "../base/clock.ts";
import { idleTime } from "../base/idle.ts";
import { afterTurn } from "../base/turn.ts";

/** How long the event loop may be busy without a look at the network before its silence means nothing. Milliseconds. */
const LONGEST_TURN = 4;
/** How long it may be asleep: a process that was frozen believes that it slept. Milliseconds. */
const LONGEST_SLEEP = 50;
/** How long ago the end of a turn may have been seen for the next not to matter yet. Milliseconds. */
const FRESH = 1;
/** How many may ask without the end of their turn being noticed, where one was seen a moment ago. */
const UNNOTICED = 8;

/** The event loop, as far as hearing goes. Handed in for tests. */
export interface Loop {
  /** Calls `fn` when the callbacks of this turn's poll phase are done, or once more after one where they are done already. */
  afterTurn(fn: () => void): void;
  /** Milliseconds that it has spent asleep, waiting for something to happen. */
  idleTime(): number;
}

/** This thread's: https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick */
export const systemLoop: Loop = {
  afterTurn,
  // Where it is not counted, a loop that slept is taken for one that worked, and is listened to once more.
  idleTime,
};

/**
 * Knows until when all that the network had to say has been heard, such as that the other side has closed a connection.
 * Node.js says so to nobody; but between two ends of turns there was a whole poll phase, so what was said before the first
 * of them had been heard by the second. A loop that does nothing is asleep in that phase, and hears at once.
 *
 * It costs an immediate for each turn in which many ask. Where they come one by one, turn after turn, an immediate would cost each
 * of them some microseconds, as much as all else that a pool does: there it is one for several turns.
 */
export class Hearing {
  private readonly clock: Clock;
  private readonly loop: Loop;
  /** All that was said until then has been heard, or was said to somebody else. */
  private until: number;
  /** What `idleTime` was then. */
  private untilIdle: number;
  /** The last end of a turn that was seen. */
  private turnAt: number;
  private turnIdle: number;
  private waits = false;
  /** How many have asked since whose turn's end is not noticed. */
  private unnoticed = 0;

  constructor(clock: Clock, loop: Loop = systemLoop) {
    this.clock = clock;
    this.loop = loop;
    this.until = this.turnAt = clock.now();
    this.untilIdle = this.turnIdle = loop.idleTime();
  }

  /** Whether the turn in which somebody asked last is known to go on still. In all of it the loop neither slept nor got on with hearing. */
  get inTurn(): boolean {
    return this.waits;
  }

  /** Sees to it that the end of this turn is noticed, if it matters. */
  private listen(now: number): void {
    if (this.waits || (now - this.turnAt < FRESH && this.unnoticed++ < UNNOTICED)) return;
    this.waits = true;
    this.unnoticed = 0;
    this.loop.afterTurn(this.endOfTurn);
  }

  /** Until when all has been heard. A loop that has only been asleep since then has heard all until now. */
  at(now: number): number {
    this.listen(now);
    const silence = now - this.until;
    if (silence > LONGEST_TURN && silence <= LONGEST_SLEEP) {
      const idle = this.loop.idleTime();
      this.until += idle - this.untilIdle;
      this.untilIdle = idle;
    }
    return this.until;
  }

  /**
   * Calls `fn` when all that had been said by now has been heard. Costs no round trip and, in a loop that has nothing else
   * to do, microseconds. Two ends of turns, not one: called from within a poll phase, in which most callbacks run, the first
   * comes right after it, before the network was looked at again.
   */
  afterPoll(fn: () => void): void {
    this.loop.afterTurn(() => {
      this.turn();
      this.loop.afterTurn(() => {
        this.turn();
        fn();
      });
    });
  }

  private readonly endOfTurn = (): void => {
    this.waits = false;
    this.turn();
  };

  private turn(): void {
    if (this.turnAt > this.until) {
      this.until = this.turnAt;
      this.untilIdle = this.turnIdle;
    }
    this.turnAt = this.clock.now();
    this.turnIdle = this.loop.idleTime();
  }
}
