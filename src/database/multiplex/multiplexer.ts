import { Chain } from "../../base/chain.ts";
import { idleTime } from "../../base/idle.ts";
import { afterTurn } from "../../base/turn.ts";
import type { Connection, Result, Statement } from "../../driver/driver.ts";
import { DatabaseError } from "../../driver/errors.ts";
import type { Loan } from "../../pool/loan.ts";
import type { Pool } from "../../pool/pool.ts";
import type { Lease } from "../source.ts";
import { Crowd } from "./crowd.ts";
import { Job, type JobHost, Lane } from "./lane.ts";
import { isTheLast, takesTheLast } from "./reserve.ts";
import { type Known, LONG, type Texts } from "./texts.ts";

/** The most milliseconds of work that a statement is put behind where no connection lies idle: less than it takes to open one. */
const BEARABLE = 4;
/** For how often its own time a slow statement is kept back at most, where there are more of them than connections for them. */
const MOST_BACK = 10;
/** How many connections are to be left for small statements where some are taken by slow ones. */
const SPARE = 2;

/** One connection's loan. */
type Lent = Loan<Connection>;

/**
 * Runs statements that stand outside any scope. They need no connection to themselves: where the time in front of one is
 * too short to be noticed, it goes down a connection that others are using (a lane), else on one that lies idle, else down
 * the lane where it waits for the shortest time, if that is less than opening a connection takes. Else it stands in the
 * pool's line like any other caller, until a lane has room or the pool lends a connection. So small
 * statements pack densely, and none waits behind a slow one while a connection is free.
 *
 * Where slow statements have taken all connections but one, the next slow one waits for one of them rather than for all small ones
 * to wait for it (see `reserve.ts`): it stands in the pool's line, like all who wait, and gets the last one too when that
 * is free.
 *
 * Who waits for a connection to hold is not kept waiting by the traffic on the lanes: as many lanes as there are such
 * callers take nothing new until they are given back.
 */
export class Multiplexer implements JobHost {
  readonly texts: Texts;
  readonly #pool: Pool<Connection>;
  readonly #negligible: number | undefined;
  /** Those in front are used first, so that those behind run empty and go back. */
  readonly #lanes: Lane[] = [];
  readonly #waiting = new Chain<Job>();
  /** Slow ones that are kept back; they wait in the pool's line too. */
  readonly #keptBack = new Chain<Job>();
  readonly #crowd: Crowd;
  readonly #asleep: () => number;
  /** Milliseconds that an answer takes which needs no work: the shortest time ever seen on an empty lane. */
  #roundTrip = Number.POSITIVE_INFINITY;

  /**
   * @param negligible see `Driver.negligible`
   * @param asleep tells how many milliseconds the event loop has spent waiting for something to happen
   */
  constructor(pool: Pool<Connection>, texts: Texts, negligible?: number, asleep = idleTime) {
    this.#pool = pool;
    this.texts = texts;
    this.#negligible = negligible;
    this.#asleep = asleep;
    this.#crowd = new Crowd(asleep);
  }

  /** Runs a statement that is not to be kept apart. `enclosing` gives the loans of the caller's own scopes. */
  run(statement: Statement, known: Known, enclosing: () => readonly Lease[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const job = new Job(this, statement, known, resolve, reject);
      const now = performance.now();
      if (known.slow && this.#keepsBack(job, now)) {
        this.#wait(job, enclosing() as readonly Lent[], this.#keptBack);
        return;
      }
      if (this.#waiting.size === 0) {
        const lane =
          this.#laneWithRoom(now) ?? this.#newLane(this.#pool.acquireReady(), now) ?? this.#shortestLane(now);
        if (lane !== undefined) {
          this.#send(lane, job, now);
          return;
        }
      }
      // All leases that such a statement is surrounded by are the pool's own loans.
      this.#wait(job, enclosing() as readonly Lent[], this.#waiting);
    });
  }

  #laneWithRoom(now: number): Lane | undefined {
    const open = this.#open;
    for (let i = 0; i < open; i++) {
      const lane = this.#lanes[i] as Lane;
      if (this.#takes(lane, now)) return lane;
    }
    return undefined;
  }

  /** Where one waits for the shortest time, if that is bearable. Where that lasts, another connection is opened beside. */
  #shortestLane(now: number): Lane | undefined {
    const open = this.#open;
    let best: Lane | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < open; i++) {
      const lane = this.#lanes[i] as Lane;
      const left = lane.left(now);
      if (left >= least || !this.#takes(lane, now, BEARABLE)) continue;
      best = lane;
      least = left;
    }
    if (best !== undefined && this.#crowd.lasts(now)) this.#pool.hurry();
    return best;
  }

  /** How many lanes may take something new. */
  get #open(): number {
    return this.#lanes.length - this.#pool.scopesInLine;
  }

  #takes(lane: Lane, now: number, most?: number): boolean {
    const loan = lane.lease as Lent;
    return (
      lane.hasRoom(now, this.#roundTrip, most) && this.#pool.keeps(loan) && loan.item.standing === "idle"
    );
  }

  #newLane(loan: Lent | undefined, now: number): Lane | undefined {
    if (loan === undefined) return undefined;
    const lane = new Lane(loan, now, this.#asleep, this.#negligible);
    this.#lanes.push(lane);
    return lane;
  }

  /** Whether a slow statement is to wait for its like, behind those that do already. */
  #keepsBack(job: Job, now: number): boolean {
    return this.#pool.lines && (this.#keptBack.size > 0 || this.#staysBack(job, now));
  }

  #staysBack({ known, place }: Job, now: number): boolean {
    const work = known.time as number;
    if (now - (place?.since ?? now) >= work * MOST_BACK) return false;
    return takesTheLast(this.#lanes, this.#open, work, now, this.#pool.coming);
  }

  #wait(job: Job, enclosing: readonly Lent[], among: Chain<Job>): void {
    this.#stand(job, among);
    job.place = this.#pool.standInLine(
      enclosing,
      (loan) => {
        this.#leave(job);
        const now = performance.now();
        const lane = this.#newLane(loan, now) as Lane;
        this.#send(lane, job, now);
        this.#fill(lane, now);
      },
      (error) => {
        this.#leave(job);
        job.reject(error);
      },
    );
    if (job.place.waiting) this.#provide(performance.now());
  }

  #stand(job: Job, among: Chain<Job>): void {
    job.among = among;
    among.push(job);
  }

  #leave(job: Job): void {
    job.among?.remove(job);
    job.among = undefined;
  }

  /**
   * Has a connection opened ahead where statements come side by side and slow ones take the connections away: one that is
   * free, and one for the case that a slow one takes that too.
   */
  #provide(now: number): void {
    let left = this.#pool.ready;
    let underWay = this.#waiting.size;
    for (const lane of this.#lanes) {
      underWay += lane.count;
      if (lane.left(now) <= LONG) left++;
    }
    if (left < SPARE && underWay > 1 && this.#lanes.length > left) this.#pool.hurry();
  }

  #send(lane: Lane, job: Job, now: number): void {
    const connection = lane.lease.item;
    lane.sends(job, now);
    job.lane = lane;
    if (job.known.slow) this.#provide(now);
    job.leaving = true;
    try {
      if (connection.queryAlone !== undefined) connection.queryAlone(job.statement, job);
      else {
        connection.query(job.statement).then(
          (result) => job.answered(result),
          (error: unknown) => job.failed(error),
        );
      }
    } catch (error) {
      // Against the contract; a lane whose count is not right would never be given back.
      job.failed(error);
    }
    job.leaving = false;
  }

  /** Called by a job that its connection has answered. */
  answered(job: Job, result: Result): void {
    const { lane } = job;
    if (lane === undefined) return;
    this.#over(lane, job, result.took);
    job.resolve(result);
  }

  /** Called by a job that its connection has refused. */
  failed(job: Job, error: unknown): void {
    const { lane } = job;
    if (lane === undefined) return;
    this.#over(lane, job);
    const { lost } = lane.lease;
    // A statement that was stopped because its connection was taken away hears of that.
    const taken = lost !== undefined && error instanceof DatabaseError && error.kind === "cancelled";
    job.reject(taken ? lost : error);
  }

  /** @param took milliseconds of its own work, where the driver can tell */
  #over(lane: Lane, job: Job, took?: number): void {
    job.lane = undefined;
    const now = performance.now();
    const elapsed = lane.elapsed(now);
    if (job.first) {
      // A program that runs nothing but one slow statement is not to take that for the way to the server.
      const least = lane.lease.item.roundTrip ?? Number.POSITIVE_INFINITY;
      this.#roundTrip = Math.min(this.#roundTrip, elapsed - (took ?? 0), least);
    }
    if (took !== undefined) lane.answered(job, now, took, true);
    else lane.answered(job, now, job.first ? elapsed - this.#roundTrip : elapsed);
    if (this.#waiting.size > 0) {
      this.#pool.moved();
      this.#fill(lane, now);
    }
    const keeps = this.#keptBack.size > 0;
    if (lane.count === 0 && !(keeps && job.work <= LONG && this.#rests(lane, now))) this.#giveBack(lane);
    // What is given back goes to the first in line, so only then is it clear which lanes there are.
    if (keeps) this.#resume(now);
  }

  #giveBack(lane: Lane): void {
    lane.rests = false;
    // Mostly it is the last, and often the only one.
    if (this.#lanes.at(-1) === lane) this.#lanes.pop();
    else this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    void this.#pool.release(lane.lease as Lent);
  }

  /** Lets those who wait onto a lane that has room, but for slow ones that would take the last. */
  #fill(lane: Lane, now: number): void {
    let job = this.#waiting.first;
    while (job !== undefined && this.#lanes.indexOf(lane) < this.#open && this.#takes(lane, now, BEARABLE)) {
      const next = job.after;
      const { place } = job;
      if (job.known.slow && this.#keepsBack(job, now)) {
        this.#leave(job);
        this.#stand(job, this.#keptBack);
      } else if (place !== undefined && this.#pool.leaveLine(place)) {
        // Else the pool has lent it a connection in the same go as this lane's own, and it is about to be told.
        this.#leave(job);
        this.#send(lane, job, now);
      }
      job = next;
    }
  }

  /** Sends those that were kept back and need not be any more: there are other lanes again, or it goes on for too long. */
  #resume(now: number): void {
    for (let job = this.#keptBack.first; job !== undefined; job = this.#keptBack.first) {
      const { place } = job;
      if (this.#staysBack(job, now)) return;
      const lane = this.#laneWithRoom(now);
      if (lane === undefined || place === undefined || !this.#pool.leaveLine(place)) return;
      this.#leave(job);
      this.#send(lane, job, now);
    }
  }

  /**
   * Whether the last lane for small ones, which has just run empty, stays for those that come in this very turn: their callers are
   * told of their answers only now. Given back at once, it would go to a slow one in between.
   */
  #rests(lane: Lane, now: number): boolean {
    if (!isTheLast(lane, this.#lanes, this.#open) || !this.#takes(lane, now)) return false;
    if (lane.rests) return true;
    lane.rests = true;
    afterTurn(() => {
      if (lane.rests && lane.count === 0) this.#giveBack(lane);
      lane.rests = false;
    });
    return true;
  }
}
