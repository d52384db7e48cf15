import type { Chain, Link } from "../../base/chain.ts";
import { sample } from "../../base/sample.ts";
import { microtask } from "../../base/turn.ts";
import type { Asker, Result, Statement } from "../../driver/driver.ts";
import type { InLine } from "../../pool/pool.ts";
import type { Lease } from "../source.ts";
import { Known, LONG } from "./texts.ts";

/**
 * Milliseconds of work in front of a statement that nobody notices, where the driver says nothing of it. Enough to keep a
 * connection busy from one answer to the next, and little beside a round trip through a network.
 */
export const NEGLIGIBLE = 1;
/** What a statement that was never seen before is taken to need: more than is negligible, so none is put behind it. */
const UNKNOWN = 5;
/** How much later than expected an answer may come before it counts as late. Milliseconds. */
const SLACK = 2;
/**
 * Milliseconds after which a connection goes back to the pool, which sees to its age and to whose turn it is: from this to
 * twice this, so that not all go back at once.
 */
const TURN = 500;
/** The part of what it was expected to take by which a lane may be late and still be counted on. */
const OVERDUE = 0.5;
/** Answers that come within so many milliseconds have come together. */
const TOGETHER = 0.05;
/** The most statements under way, so that memory stays bounded whatever the estimates say. */
const DEPTH = 256;

/** Who sees to a job. */
export interface JobHost {
  answered(job: Job, result: Result): void;
  failed(job: Job, error: unknown): void;
}

/** A statement outside any scope, from the call to its answer. */
export class Job implements Link<Job>, Asker {
  readonly #host: JobHost;
  readonly statement: Statement;
  readonly known: Known;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** The lane that it was sent down, until it is answered. */
  lane: Lane | undefined;
  /** Whether it is being sent in this very call. */
  leaving = false;
  /** Its place in the pool's line, where it has to wait. */
  place: InLine | undefined;
  /** Milliseconds it is expected to take. */
  work = UNKNOWN;
  /** Whether its connection had nothing to do when it was sent. */
  first = false;
  /** Those among whom it waits. */
  among: Chain<Job> | undefined = undefined;
  before: Job | undefined = undefined;
  after: Job | undefined = undefined;

  constructor(
    host: JobHost,
    statement: Statement,
    known: Known,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.#host = host;
    this.statement = statement;
    this.known = known;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Called by the connection. Whoever is still at sending it is not to find its lane changed. */
  answered(result: Result): void {
    if (this.leaving) microtask(() => this.#host.answered(this, result));
    else this.#host.answered(this, result);
  }

  failed(error: unknown): void {
    if (this.leaving) microtask(() => this.#host.failed(this, error));
    else this.#host.failed(this, error);
  }
}

/** A connection on loan that takes statements one behind the other. */
export class Lane {
  readonly lease: Lease;
  /** From then on it takes nothing new while it is busy. */
  readonly #until: number;
  readonly #negligible: number;
  /** How many are under way. */
  count = 0;
  /** Milliseconds that all of them are expected to take. */
  #work = 0;
  /** Since when the server has been at the one that is answered next. */
  #headSince = 0;
  /** Whether it stays to the end of this turn although it is empty. */
  rests = false;
  /** How many of them are slow. */
  slow = 0;
  /** How many of them let none behind them. */
  #barring = 0;
  /** Those whose answers came together, and the time that they took together. */
  readonly #together: Known[] = [];
  #span = 0;
  /** Whether they may have been there for some of that time, and this program was busy with something else. */
  #atMost = false;
  readonly #asleep: () => number;
  #asleepAt = 0;

  /**
   * @param asleep tells how many milliseconds the event loop has spent waiting for something to happen
   * @param negligible see `Driver.negligible`
   */
  constructor(lease: Lease, now: number, asleep: () => number, negligible = NEGLIGIBLE) {
    this.lease = lease;
    this.#asleep = asleep;
    this.#negligible = negligible;
    this.#until = now + TURN * (1 + Math.random());
  }

  /**
   * Whether one more would wait for no longer than for `most` milliseconds of work in front of it.
   *
   * @param roundTrip what an answer takes at least
   */
  hasRoom(now: number, roundTrip: number, most = this.#negligible): boolean {
    // Also where it is empty and somebody waits: else it would go on past its turn, with one statement at a time.
    if (now >= this.#until) return false;
    if (this.count === 0) return true;
    return (
      this.#barring === 0 &&
      this.#work <= most &&
      this.count < DEPTH &&
      now - this.#headSince <= roundTrip + this.#work + SLACK
    );
  }

  /** Milliseconds until it has done what is under way, as far as that is known. */
  left(now: number): number {
    return this.#work - (now - this.#headSince);
  }

  /** Whether it is expected to be done within `ms` milliseconds: not where it ought to have been done long before. */
  endsWithin(ms: number, now: number): boolean {
    const left = this.left(now);
    return left <= ms && left > -this.#work * OVERDUE;
  }

  /** A statement is being sent. */
  sends(job: Job, now: number): void {
    job.first = this.count === 0;
    job.work = job.known.time ?? UNKNOWN;
    if (job.first) {
      this.#headSince = now;
      this.#asleepAt = this.#asleep();
    }
    if (job.known.company === "write") this.#barring++;
    if (job.work > LONG) this.slow++;
    this.count++;
    this.#work += job.work;
  }

  /**
   * It has been answered.
   *
   * @param took milliseconds since the server could begin with it
   * @param measured whether that is its own time, as the driver has measured it
   */
  answered(job: Job, now: number, took: number, measured = false): void {
    if (measured) job.known.took(took);
    else this.#share(job, now, took);
    this.#headSince = now;
    if (job.known.company === "write") this.#barring--;
    if (job.work > LONG) this.slow--;
    this.count--;
    // Sums of fractions drift; an empty lane has nothing to do.
    this.#work = this.count === 0 ? 0 : this.#work - job.work;
    if (this.count === 0) this.#count();
  }

  /** Milliseconds since the server could begin with the next, or since that was sent if it is the first. */
  elapsed(now: number): number {
    return now - this.#headSince;
  }

  /** Answers that come together were on their way for a time that says nothing of any one of them. */
  #share(job: Job, now: number, took: number): void {
    if (now - this.#headSince > TOGETHER) {
      this.#count();
      this.#span = took;
      const asleep = this.#asleep();
      // A loop that has not slept since may have found the answer only now. One that never sleeps does not say.
      this.#atMost = asleep > 0 && asleep === this.#asleepAt;
      this.#asleepAt = asleep;
    }
    this.#together.push(job.known);
  }

  #count(): void {
    if (this.#together.length === 0) return;
    const each = this.#span / this.#together.length;
    for (const known of this.#together) known.took(each, this.#atMost);
    this.#together.length = 0;
  }
}

/** One that has been at work, since the engine makes another layout for a field as soon as it holds a fraction. */
function used(): Lane {
  const known = new Known("read");
  const job = new Job(undefined as never, undefined as never, known, undefined as never, undefined as never);
  const lane = new Lane(undefined as never, 0.5, () => 0.5);
  for (const now of [0.5, 1.5]) {
    lane.sends(job, now);
    lane.answered(job, now + 0.75, 0.75);
  }
  job.lane = lane;
  sample(job);
  return lane;
}

sample(used());
