import { type Chance, systemChance } from "../base/chance.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { AbortError, ApocryphanError, ConnectError, OptionError } from "../base/error.ts";
import type { Origin } from "../base/origin.ts";
import { type AcquireRequest, type Asker, askerOf, type Receiver, tellLent, tellRefused } from "./asker.ts";
import type { Exhaustion } from "./errors.ts";
import { channels, type PoolEvent } from "./events.ts";
import { Hearing, type Loop } from "./hearing.ts";
import { Loan, type Named, Spot } from "./loan.ts";
import { Machine } from "./machine.ts";
import type { PoolOptions } from "./options.ts";
import type { CloseReason, Order, Refusal } from "./orders.ts";
import { outside } from "./outside.ts";
import type { Place } from "./place.ts";
import { lostError, refusalError } from "./refusal.ts";
import type { Resource } from "./resource.ts";
import { leastShared } from "./share.ts";
import { Counters, type PoolStats } from "./stats.ts";
import { lines, type Stack, Trace } from "./trace.ts";

/** What a pool takes from the world. Handed in for tests. */
export interface PoolWorld {
  readonly clock?: Clock;
  readonly chance?: Chance;
  /** The pool's name in messages and events. @default "main" */
  readonly name?: string;
  /** Where its connections lead, for its events. */
  readonly origin?: Origin | undefined;
  /** The event loop. */
  readonly loop?: Loop;
}

/** A place in line; see `standInLine`. */
export interface InLine {
  /** Whether the answer is still to come. */
  readonly waiting: boolean;
  /** When it was taken. */
  readonly since: number;
}

/** For how long the time that the clock has shown will do for what lives in this thread. Milliseconds. */
const COARSE = 20;
const NOTHING_ASKED = {};
const BRIEF = { brief: true };
const DONE = Promise.resolve();
const NEVER = Number.POSITIVE_INFINITY;
/** How much longer than `connectTimeout` an attempt has before the pool ends it, so that a driver's own, better error comes first. */
const GRACE = 50;

/**
 * A pool of anything that a `Resource` can open and close.
 *
 * It decides nothing (`Machine` does): it carries orders out, and owns the promises, timers and abort signals.
 * Connections for `minConnections` are opened from the start.
 */
export class Pool<T> {
  /** The pool's name in messages and events. */
  readonly name: string;
  private readonly origin: Origin | undefined;
  private readonly resource: Resource<T>;
  private readonly options: PoolOptions;
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly hearing: Hearing;
  private readonly local: boolean;
  private readonly machine: Machine<Spot<T>, AcquireRequest<T>>;
  private readonly counters = new Counters();
  private readonly trace: Trace | undefined;
  /** What listens to the signals of those who wait. */
  private readonly listeners = new Map<Asker<T>, () => void>();
  /** When the clock was looked at last for somebody who asked or gave back. */
  private lookedAt = 0;
  /** Whether that was a moment ago, for a visit. */
  private looked = false;
  private obeying = false;
  private lastCall: (() => void) | undefined = undefined;
  private visiting: Place<Spot<T>> | undefined = undefined;
  /** What was visited last and lay there fit afterwards, while the time is still what it was then. */
  private again: Place<Spot<T>> | undefined = undefined;
  private urgentAt = NEVER;
  private stopUrgent: (() => void) | undefined = undefined;
  private idleAt = NEVER;
  private stopIdle: (() => void) | undefined = undefined;
  private polling: { place: Place<Spot<T>>; ask: boolean }[] = [];
  private drains: ((result: { cut: number }) => void)[] = [];
  private connectError: Error | undefined = undefined;

  constructor(resource: Resource<T>, options: PoolOptions, world: PoolWorld = {}) {
    this.name = world.name ?? "main";
    this.origin = world.origin;
    this.resource = resource;
    this.options = options;
    this.clock = world.clock ?? systemClock;
    this.chance = world.chance ?? systemChance;
    this.hearing = new Hearing(this.clock, world.loop);
    this.local = resource.local === true;
    this.trace = options.leakTimeout === NEVER ? undefined : new Trace();
    this.machine = new Machine<Spot<T>, AcquireRequest<T>>(
      options,
      () => new Spot<T>(),
      resource.shares === undefined ? undefined : (first, fit) => this.roomiest(first, fit),
    );
    this.machine.start(this.clock.now());
    this.obey();
  }

  /**
   * Lends a connection: at once and without a promise where one lies ready, else as soon as it is this caller's turn.
   *
   * Cancelling by `signal` takes nothing along: an attempt to connect goes on for whoever comes next. A `Receiver` who has to wait
   * receives the loan by a call, just before the promise settles.
   *
   * @throws (by rejection) MaxConnectionsExceededError, PoolDeadlockError, PoolClosedError, ConnectError, AbortError
   */
  acquire(request: Receiver<T>): Loan<T> | Promise<undefined>;
  acquire(request?: AcquireRequest<T>): Loan<T> | Promise<Loan<T>>;
  acquire(request: AcquireRequest<T> = NOTHING_ASKED): Loan<T> | Promise<Loan<T> | undefined> {
    if (request.signal?.aborted) return Promise.reject(this.aborted(request.signal));
    if (this.machine.queue.size > 0) return this.wait(request, this.timeOfAsking(request));
    const now = this.clock.now();
    return this.atHand(request, now) ?? this.wait(request, now);
  }

  /** By itself, since the function in it would have the engine make an object for each who asks, be it for nothing. */
  private wait(request: AcquireRequest<T>, now: number): Promise<Loan<T> | undefined> {
    return new Promise((resolve) => {
      this.stand(askerOf(request, now, this.options.timeout, resolve), now);
    });
  }

  /** The connection that lies ready for the next caller, if one does; for one statement. */
  acquireReady(): Loan<T> | undefined {
    return this.atHand(BRIEF, this.clock.now());
  }

  /**
   * The connection that lies ready, for one statement that is over before the caller does anything else; he says `leave` then,
   * whatever came of it. It stays where it lies, so it costs less than a loan, of which this has all else: it is counted, and the
   * connection is made fit for the next. `undefined` where none lies ready, or somebody wants to hear of loans. For connections in this
   * thread alone, where nothing dies unheard: one that was closed by somebody who has its own object says so to whoever uses it.
   */
  visit(): T | undefined {
    const { again } = this;
    // What was found out for the last visit holds for this one, if it is the same one's turn.
    if (
      again !== undefined &&
      again === this.machine.idle.first &&
      this.visiting === undefined &&
      !listening()
    ) {
      this.visiting = again;
      return again.own.item;
    }
    if (this.trace !== undefined || this.machine.queue.size > 0 || this.visiting !== undefined || listening())
      return undefined;
    const now = this.coarseNow();
    this.machine.heard(now);
    const place = this.machine.ready(now);
    if (place === undefined || !this.usable(place)) return undefined;
    this.visiting = place;
    return place.own.item;
  }

  /**
   * The time as it was when the clock was looked at last, which is a moment ago unless something has kept the event loop from its
   * timers since: good enough to tell how old a connection is and how long it lies, where none dies unheard.
   */
  private coarseNow(): number {
    if (!this.looked) {
      this.looked = true;
      this.lookedAt = this.clock.now();
      this.clock.after(COARSE, this.lookAgain, { idle: true });
    }
    return this.lookedAt;
  }

  private readonly lookAgain = (): void => {
    this.looked = false;
    this.again = undefined;
  };

  /** The end of a visit, in which so many statements were run. */
  leave(statements = 1): void {
    const place = this.visiting;
    if (place === undefined) return;
    this.visiting = undefined;
    this.counters.acquired += statements;
    this.counters.released += statements;
    // What it was used for may have had the pool closed; or somebody asked from within, for whom it is being checked.
    if (place.state !== "idle" && place.state !== "checking") return;
    const now = this.lookedAt;
    const fit = this.reset(place.own.item as T);
    if (fit === true && place === this.again && place.uses + 1 < this.options.maxUses) {
      // But for this nothing is new since the last visit.
      place.uses++;
      return;
    }
    if (fit === true) this.machine.visited(place, now);
    else this.machine.drop(place, "unfit", now);
    // Where each is asked before it is lent, there is more to do than to look who is first.
    this.again = place.state === "idle" && this.options.validate !== "always" ? place : undefined;
    if (this.machine.orders.length > 0) this.obey();
  }

  /**
   * Stands in line as `acquire` does where nothing lies ready, for one statement; but the answer comes by a call, which
   * may be before this returns, and the place in line can be given up with `leaveLine`.
   */
  standInLine(
    enclosing: readonly Loan<T>[],
    lent: (loan: Loan<T>) => void,
    refused: (error: unknown) => void,
  ): InLine {
    const now = this.clock.now();
    return this.stand(askerOf({ brief: true, enclosing }, now, this.options.timeout, { lent, refused }), now);
  }

  /** Gives a place in line up. `false` where the answer was given already. */
  leaveLine(place: InLine): boolean {
    const left = this.machine.abandon(place as Asker<T>);
    if (left) this.arm();
    return left;
  }

  /** Tells that those who stand in line for one statement get on, although no connection comes back. */
  moved(): void {
    this.machine.moved(this.clock.now());
  }

  /** How many connections lie ready. */
  get ready(): number {
    return this.machine.idle.size;
  }

  /** Whether one more would have to stand in line, for one of all the connections there may be, and is let into it. */
  get lines(): boolean {
    const { idle, total, limits, crowded } = this.machine;
    return idle.size === 0 && total >= limits.maxConnections && !crowded;
  }

  /** Whether a connection that nobody holds is about to be ready, or to be lent to who waits. */
  get coming(): boolean {
    const { opening, checking, resetting } = this.machine;
    return opening + checking + resetting > 0;
  }

  /** Asks for one more connection for statements that stand alone: those there are will be busy for long. */
  hurry(): void {
    this.machine.hurry(this.clock.now());
    this.obey();
  }

  /** How many wait for a connection to hold, rather than for one statement. */
  get scopesInLine(): number {
    return this.machine.queue.scopes;
  }

  /** Whether a loan may be put to another use: its connection is neither taken away nor worn or over its time, and the pool not being shut. */
  keeps(loan: Loan<T>): boolean {
    const { place } = loan;
    return place !== undefined && this.machine.unwanted(place, this.clock.now()) === undefined;
  }

  /**
   * Takes a connection back. Settles when it can be lent again or its place is free. Giving back twice, or what the
   * pool has taken away, changes nothing.
   */
  release(loan: Loan<T>): void | Promise<void> {
    const place = loan.place;
    if (place === undefined) return loan.settled;
    const now = this.timeOfReturn(place);
    this.takeBack(loan, place, now);
    const why = this.machine.unwanted(place, now);
    const fit = why === undefined && this.reset(loan.item);
    return fit === true ? this.laidBy(place, now) : this.notLaidBy(loan, place, fit, why ?? "unfit", now);
  }

  private reset(item: T): boolean | Promise<boolean> {
    try {
      return this.resource.reset(item);
    } catch {
      return false;
    }
  }

  /** What came back is fit for the next. */
  private laidBy(place: Place<Spot<T>>, now: number): void {
    if (this.machine.queue.size > 0 && !this.obeying && this.relay(place, now)) return;
    this.machine.back(place, now);
    if (this.machine.orders.length > 0) this.obey();
    else if (this.machine.maintenanceAt < this.idleAt) this.armIdle();
  }

  private notLaidBy(
    loan: Loan<T>,
    place: Place<Spot<T>>,
    fit: false | Promise<boolean>,
    why: CloseReason,
    now: number,
  ): Promise<void> {
    if (fit === false) return this.drop(loan, place, why, now);
    this.machine.resets(place);
    loan.settled = this.awaitReset(place, fit);
    return loan.settled;
  }

  /** Closes a connection instead of taking it back. Settles when its place is free. Twice changes nothing. */
  destroy(loan: Loan<T>): Promise<void> {
    const place = loan.place;
    if (place === undefined) return loan.settled ?? DONE;
    const now = this.clock.now();
    this.takeBack(loan, place, now);
    return this.drop(loan, place, "manual", now);
  }

  /** Closes the connections that nobody uses, but for the `keep` opened last. Gives their number when they are closed. */
  closeIdle(keep = 0): Promise<number> {
    return this.closeSome((now) => this.machine.closeIdle(now, keep));
  }

  /**
   * Closes the connections that have been held for at least `age` milliseconds: who held one finds a
   * `ConnectionLostError` in `loan.lost`. Gives their number when they are closed.
   */
  closeStale(age: number): Promise<number> {
    return this.closeSome((now) => this.machine.closeStale(age, now));
  }

  /**
   * Closes everything and waits for no holder: holders find a `ConnectionLostError` in `loan.lost`, waiters get a
   * `PoolClosedError`. Settles when all is closed. The pool can be used again at once; until somebody does, it stays
   * empty, `minConnections` or not.
   */
  async closeAll(): Promise<void> {
    this.lastCall?.();
    this.machine.closeAll();
    this.obey();
    await Promise.all([...this.machine.places].map((place) => this.gone(place)));
  }

  /**
   * Lends nothing any more (`PoolClosedError`), also to those who wait already, and waits `ms` milliseconds for the
   * holders; then their connections are closed under them. Settles in that time whatever the holders do, and tells how
   * many were cut off. The pool stays closed, also after `closeAll`, until `reopen`.
   */
  drain(ms: number): Promise<{ cut: number }> {
    this.lastCall?.();
    return new Promise((resolve) => {
      this.drains.push(resolve);
      const now = this.clock.now();
      this.machine.drain(now + ms, now);
      this.obey();
    });
  }

  /** Has `fn` called before everything is closed or nothing is lent any more: whoever has put off what he was asked for does it then. */
  beforeClosing(fn: () => void): void {
    this.lastCall = fn;
  }

  /** Makes a drained pool usable again. */
  reopen(): void {
    this.machine.reopen(this.clock.now());
    this.obey();
  }

  /**
   * Gives up those connections that `which` recognises, such as all to a server that has become read-only: idle ones
   * are closed at once, lent ones when they come back, those being opened when they are there.
   */
  retire(which: (item: T) => boolean): void {
    const now = this.clock.now();
    for (const place of this.machine.places) {
      const spot = place.own;
      if (place.state === "opening") {
        spot.retiring ??= [];
        spot.retiring.push(which);
      } else if (place.state !== "closing" && which(spot.item as T)) {
        this.machine.retire(place, now);
      }
    }
    this.obey();
  }

  /** A picture of this moment, and the counters since the start. */
  stats(): PoolStats {
    const { limits, total, opening, idle, checking, lent, resetting, closing, queue } = this.machine;
    return {
      max: limits.maxConnections,
      min: limits.minConnections,
      open: total - opening,
      idle: idle.size + checking,
      inUse: lent + resetting,
      connecting: opening,
      closing,
      waiting: queue.size,
      ...this.counters,
    };
  }

  // ── callers ────────────────────────────────────────────────────────────────────────────────────────────────

  private atHand(request: AcquireRequest<T>, now: number): Loan<T> | undefined {
    // Who asks from within a visit, as a function that the statement calls, waits for its end.
    if (this.visiting !== undefined) return undefined;
    this.machine.heard(this.heard(now));
    const place = this.fitting(now);
    if (place === undefined) return undefined;
    this.machine.take(place, now, request.brief === true);
    if (this.machine.orders.length > 0) this.obey();
    else if (this.machine.maintenanceAt < this.idleAt) this.armIdle();
    return this.lend(place, request.context, 0, this.asked(now));
  }

  /** What lies ready and is alive. */
  private fitting(now: number): Place<Spot<T>> | undefined {
    let place = this.machine.ready(now);
    while (place !== undefined && !this.usable(place)) {
      this.machine.drop(place, "lost", now);
      place = this.machine.ready(now);
    }
    return place;
  }

  /** Of those that lie idle and are fit, the one to take: `first`, unless what that shares with others is in use. */
  private roomiest(first: Place<Spot<T>>, fit: (place: Place<Spot<T>>) => boolean): Place<Spot<T>> {
    const { resource } = this;
    if (resource.shares?.(first.own.item as T) === undefined) return first;
    const { places, idle } = this.machine;
    const shares = (place: Place<Spot<T>>): unknown => resource.shares?.(place.own.item as T);
    return leastShared(first, { places, idle, fit, shares });
  }

  private stand(asker: Asker<T>, now: number): Asker<T> {
    const { signal, enclosing } = asker.caller;
    asker.stack = this.asked(now);
    this.machine.ask(asker, now, enclosing === undefined ? 0 : held(enclosing));
    if (asker.waiting) {
      this.counters.waited++;
      if (signal !== undefined) this.heed(asker, signal);
      if (channels.wait.hasSubscribers)
        channels.wait.publish({ ...this.counts(), context: asker.caller.context?.toString() });
    }
    // One more who waits for holders, however long, changes nothing about when something is to be done.
    const { orders, total, limits } = this.machine;
    if (orders.length > 0 || asker.limit > 0 || total < limits.maxConnections) this.obey();
    return asker;
  }

  /** By itself for the same reason as `wait`. */
  private heed(asker: Asker<T>, signal: AbortSignal): void {
    const giveUp = (): void => this.giveUp(asker, signal);
    this.listeners.set(asker, giveUp);
    signal.addEventListener("abort", giveUp, { once: true });
  }

  private giveUp(asker: Asker<T>, signal: AbortSignal): void {
    if (!this.machine.abandon(asker)) return;
    this.listeners.delete(asker);
    this.counters.aborted++;
    tellRefused(asker, this.aborted(signal));
    this.arm();
  }

  /** It has its answer: its signal means nothing to the pool any more. */
  private answered(asker: Asker<T>): void {
    const { signal } = asker.caller;
    if (signal === undefined) return;
    const listener = this.listeners.get(asker);
    if (listener === undefined) return;
    this.listeners.delete(asker);
    signal.removeEventListener("abort", listener);
  }

  private aborted(signal: AbortSignal): AbortError {
    return new AbortError(`Waiting for a connection of pool "${this.name}"`, { cause: signal.reason });
  }

  /** Where a connection is asked for, while leaks are looked for. */
  private asked(now: number): Stack | undefined {
    return this.trace?.take(now, this.acquire);
  }

  private lend(
    place: Place<Spot<T>>,
    context: Named | undefined,
    waited: number,
    stack: Stack | undefined,
  ): Loan<T> {
    const loan = new Loan<T>(place, place.own.item as T, context, stack);
    place.own.loan = loan;
    this.counters.acquired++;
    if (channels.acquire.hasSubscribers)
      channels.acquire.publish({ ...this.counts(), waited, context: loan.context });
    return loan;
  }

  /**
   * When somebody asks while others wait. To look at the clock costs some 50 ns, a tenth of what a scope costs. Who gets in line behind others,
   * while all there can be are held, and has no limit of his own, waits just as long whenever he came: for him the time at which
   * somebody asked or gave back in this very turn will do, though it makes his wait a little longer in the statistics.
   */
  private timeOfAsking({ timeout = this.options.timeout, brief }: AcquireRequest<T>): number {
    const { total, limits, outage } = this.machine;
    const goesToLine = total >= limits.maxConnections && !outage.on;
    if (goesToLine && timeout === 0 && brief !== true && this.hearing.inTurn && !listening()) {
      return this.lookedAt;
    }
    return this.clock.now();
  }

  /** The holder has no claim any more. */
  private takeBack(loan: Loan<T>, place: Place<Spot<T>>, now: number): void {
    loan.place = undefined;
    place.own.loan = undefined;
    this.counters.released++;
    if (channels.release.hasSubscribers) {
      channels.release.publish({ ...this.counts(), held: now - place.takenAt, context: loan.context });
    }
  }

  /**
   * When a connection comes back. To look at the clock costs some 50 ns, a tenth of what a scope costs, so it is
   * looked at only where something depends on it, be it that others wait, who must not get what may have died unheard.
   */
  private timeOfReturn(place: Place<Spot<T>>): number {
    if (
      (this.local || this.hearing.inTurn) &&
      this.machine.timeless(place) &&
      !channels.release.hasSubscribers
    ) {
      return place.takenAt;
    }
    const now = this.clock.now();
    this.machine.heard(this.heard(now));
    return now;
  }

  private drop(loan: Loan<T>, place: Place<Spot<T>>, why: CloseReason, now: number): Promise<void> {
    loan.settled = this.gone(place);
    this.machine.drop(place, why, now);
    this.obey();
    return loan.settled;
  }

  private async closeSome(close: (now: number) => number): Promise<number> {
    const { orders } = this.machine;
    const before = orders.length;
    const count = close(this.clock.now());
    const closed: Promise<void>[] = [];
    for (const order of orders.slice(before))
      if (order.kind === "destroy") closed.push(this.gone(order.place));
    this.obey();
    await Promise.all(closed);
    return count;
  }

  /** Settles when the place is free. */
  private gone(place: Place<Spot<T>>): Promise<void> {
    if (place.state === "gone") return DONE;
    return new Promise((resolve) => {
      place.own.whenGone ??= [];
      place.own.whenGone.push(resolve);
    });
  }

  // ── orders ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Carries out what the machine wants, in its sequence; an event that comes meanwhile adds to the same line. */
  private obey(): void {
    if (this.obeying) return;
    const { orders } = this.machine;
    if (orders.length > 0) {
      this.obeying = true;
      try {
        for (let i = 0; i < orders.length; i++) this.carryOut(orders[i] as Order<Spot<T>, AcquireRequest<T>>);
      } finally {
        orders.length = 0;
        this.obeying = false;
      }
    }
    this.arm();
  }

  private carryOut(order: Order<Spot<T>, AcquireRequest<T>>): void {
    switch (order.kind) {
      case "lend":
        this.lendTo(order.waiter as Asker<T>, order.place);
        return;
      case "refuse":
        this.refuse(order.waiter as Asker<T>, order.why);
        return;
      case "connect":
        this.connect(order.place);
        return;
      case "check":
        this.check(order.place, order.ask);
        return;
      case "destroy":
        this.close(order.place, order.why);
        return;
      case "abort":
        this.abort(order.place);
        return;
      case "leak":
        this.leak(order.place);
        return;
      case "drained":
        for (const settle of this.drains.splice(0)) settle({ cut: order.cut });
        return;
    }
  }

  /** Hands a connection on to the first in line, where that is all there is to do. */
  private relay(place: Place<Spot<T>>, now: number): boolean {
    const next = this.machine.relay(place, now);
    if (next === undefined) return false;
    // Who is called with it may give it back in the same call, and so on: those come one after the other, not one in the other.
    this.obeying = true;
    try {
      this.lendTo(next as Asker<T>, place);
    } finally {
      this.obeying = false;
    }
    if (this.machine.orders.length > 0 || this.machine.queue.size === 0) this.obey();
    else if (this.machine.maintenanceAt < this.idleAt) this.armIdle();
    return true;
  }

  private lendTo(asker: Asker<T>, place: Place<Spot<T>>): void {
    const waited = place.takenAt - asker.since;
    this.counters.waitTime += waited;
    this.answered(asker);
    tellLent(asker, this.lend(place, asker.caller.context, waited, asker.stack as Stack | undefined));
  }

  private refuse(asker: Asker<T>, why: Refusal): void {
    const { caller, since } = asker;
    const waited = this.clock.now() - since;
    this.answered(asker);
    if (why === "timeout") this.counters.timeouts++;
    else this.counters.refused++;
    if (channels.timeout.hasSubscribers) {
      channels.timeout.publish({ ...this.counts(), waited, why, context: caller.context?.toString() });
    }
    const failed = this.machine.outage.on ? this.connectError : undefined;
    tellRefused(
      asker,
      why === "unreachable"
        ? this.connectError
        : refusalError(this.name, why, this.exhaustion(waited), failed),
    );
  }

  private connect(place: Place<Spot<T>>): void {
    const spot = place.own;
    const began = this.clock.now();
    const stop = this.clock.after(this.options.connectTimeout + GRACE, () => {
      const error = new ConnectError(
        `Pool "${this.name}" gave up opening a connection after ${this.options.connectTimeout} ms. See whether the server answers, or raise "connectTimeout"`,
      );
      this.openFailed(place, began, error, true);
      spot.attempt.abort(error);
    });
    attempt(() => outside(() => this.resource.open(spot.attempt.signal))).then(
      (item) => {
        stop();
        spot.item = item;
        this.isOpen(place, item, began);
      },
      (error: unknown) => {
        stop();
        if (place.state === "opening") this.openFailed(place, began, error, false);
        else this.free(place);
      },
    );
  }

  private isOpen(place: Place<Spot<T>>, item: T, began: number): void {
    if (place.state !== "opening") {
      // Given up meanwhile, and it opened nevertheless.
      this.shut(place, item);
      return;
    }
    const now = this.clock.now();
    this.counters.connects++;
    this.connectError = undefined;
    const retired = place.own.retiring?.some((which) => which(item)) ?? false;
    this.machine.opened(place, now, this.chance(), retired);
    if (channels.connect.hasSubscribers) {
      channels.connect.publish({ ...this.counts(), took: now - began, error: undefined });
    }
    try {
      this.resource.onLost(item, (cause) => this.lost(place, cause));
    } catch (error) {
      this.lost(place, error instanceof Error ? error : new Error(String(error)));
    }
    this.obey();
  }

  private openFailed(place: Place<Spot<T>>, began: number, error: unknown, pending: boolean): void {
    if (place.state !== "opening") return;
    const now = this.clock.now();
    this.counters.connectErrors++;
    this.connectError = asError(error, this.name);
    this.machine.openFailed(place, now, this.chance(), this.lasting(error), pending);
    if (channels.connect.hasSubscribers)
      channels.connect.publish({ ...this.counts(), took: now - began, error });
    if (!pending) settleGone(place);
    this.obey();
  }

  private lasting(error: unknown): boolean {
    return error instanceof OptionError || (this.resource.lasting?.(error) ?? false);
  }

  private abort(place: Place<Spot<T>>): void {
    place.own.attempt.abort(new AbortError("Opening a connection"));
    // Whoever waits for the end of an attempt that does not end is let go; the place stays taken.
    const stop = this.clock.after(this.options.connectTimeout, () => settleGone(place));
    this.gone(place).then(stop);
  }

  private lost(place: Place<Spot<T>>, cause: Error): void {
    if (place.state === "closing" || place.state === "gone") return;
    place.own.cause = cause;
    this.machine.drop(place, "lost", this.clock.now());
    this.obey();
  }

  private close(place: Place<Spot<T>>, why: CloseReason): void {
    const { loan, item, cause } = place.own;
    const now = this.clock.now();
    if (loan !== undefined) {
      loan.lost = lostError(why, now - place.takenAt, cause);
      loan.settled = this.gone(place);
      this.takeBack(loan, place, now);
    }
    this.counters.closes++;
    if (channels.close.hasSubscribers) {
      channels.close.publish({ ...this.counts(), why, age: now - place.openedAt });
    }
    this.shut(place, item as T);
  }

  /** Ends a connection. Its place is free when it is gone, or when `connectTimeout` has passed. */
  private shut(place: Place<Spot<T>>, item: T): void {
    const stop = this.clock.after(this.options.connectTimeout, () => this.free(place));
    const gone = (): void => {
      stop();
      this.free(place);
    };
    attempt(() => this.resource.close(item)).then(gone, gone);
  }

  private free(place: Place<Spot<T>>): void {
    this.machine.gone(place, this.clock.now());
    settleGone(place);
    this.obey();
  }

  private async awaitReset(place: Place<Spot<T>>, fit: Promise<boolean>): Promise<void> {
    const answer = await this.inTime(fit);
    this.machine.resetDone(place, answer, this.clock.now());
    const settled = place.state === "closing" ? this.gone(place) : DONE;
    this.obey();
    await settled;
  }

  private check(place: Place<Spot<T>>, ask: boolean): void {
    this.polling.push({ place, ask });
    if (this.polling.length === 1) this.hearing.afterPoll(() => this.polled());
  }

  private polled(): void {
    const now = this.clock.now();
    this.machine.heard(this.heard(now));
    for (const { place, ask } of this.polling.splice(0)) {
      if (place.state !== "checking") continue;
      const fit = this.usable(place);
      if (fit && ask) this.ask(place);
      else this.machine.checked(place, fit, false, now);
    }
    this.obey();
  }

  private async ask(place: Place<Spot<T>>): Promise<void> {
    const fit = await this.inTime(attempt(() => this.resource.check(place.own.item as T)));
    this.machine.checked(place, fit, true, this.clock.now());
    this.obey();
  }

  /** The answer, or `false` where it fails or has not come within `connectTimeout`. */
  private inTime(answer: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.clock.after(this.options.connectTimeout, () => resolve(false));
      const settle = (fit: boolean): void => {
        stop();
        resolve(fit);
      };
      answer.then(
        (fit) => settle(fit === true),
        () => settle(false),
      );
    });
  }

  /** Until when all that could be said of the connections has been heard. */
  private heard(now: number): number {
    this.lookedAt = now;
    return this.local ? now : this.hearing.at(now);
  }

  private usable(place: Place<Spot<T>>): boolean {
    try {
      return this.resource.usable(place.own.item as T);
    } catch {
      return false;
    }
  }

  private leak(place: Place<Spot<T>>): void {
    const loan = place.own.loan;
    if (loan === undefined) return;
    this.counters.leaks++;
    const age = this.clock.now() - place.takenAt;
    const stack = lines(loan.stack);
    if (channels.leak.hasSubscribers) {
      channels.leak.publish({ ...this.counts(), held: age, context: loan.context, stack });
    }
    const who = loan.context === undefined ? "" : ` by ${loan.context}`;
    const where = stack === undefined ? " (where it was taken was not recorded)" : `; it was taken\n${stack}`;
    process.emitWarning(
      `A connection of pool "${this.name}" has been held for ${(age / 1000).toFixed(1)} s${who}, longer than the option "leakTimeout" allows${where}`,
      { type: "PoolLeakWarning", code: "POOL_LEAK" },
    );
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sees to it that `tick` is called in time. A timer that would come too early is left alone: it finds nothing to do
   * and is set anew, which is cheaper than setting it with every caller.
   */
  private arm(): void {
    const urgentAt = this.machine.urgentAt;
    if (urgentAt === NEVER) {
      if (this.stopUrgent !== undefined) {
        this.stopUrgent();
        this.stopUrgent = undefined;
        this.urgentAt = NEVER;
      }
    } else if (urgentAt < this.urgentAt) {
      this.stopUrgent?.();
      this.urgentAt = urgentAt;
      this.stopUrgent = this.clock.after(urgentAt - this.clock.now(), () => {
        this.urgentAt = NEVER;
        this.stopUrgent = undefined;
        this.tick();
      });
    }
    if (this.machine.maintenanceAt !== this.idleAt) this.armIdle();
  }

  /** The same for what no caller waits for; this timer does not keep the process alive. */
  private armIdle(): void {
    const at = this.machine.maintenanceAt;
    if (at === NEVER) {
      this.stopIdle?.();
      this.stopIdle = undefined;
      this.idleAt = NEVER;
    } else if (at < this.idleAt) {
      this.stopIdle?.();
      this.idleAt = at;
      this.stopIdle = this.clock.after(
        at - this.clock.now(),
        () => {
          this.idleAt = NEVER;
          this.stopIdle = undefined;
          this.tick();
        },
        { idle: true },
      );
    }
  }

  private tick(): void {
    this.machine.tick(this.clock.now());
    this.obey();
  }

  // ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────

  private counts(): PoolEvent {
    const { limits, total, opening, idle, checking, lent, resetting, queue } = this.machine;
    return {
      pool: this.name,
      origin: this.origin,
      max: limits.maxConnections,
      open: total - opening,
      idle: idle.size + checking,
      inUse: lent + resetting,
      connecting: opening,
      waiting: queue.size,
    };
  }

  private exhaustion(waited: number): Exhaustion {
    const now = this.clock.now();
    const { max, open, inUse, connecting, waiting } = this.counts();
    const holders = this.machine.held.map((place) => {
      const loan = place.own.loan;
      return { age: now - place.takenAt, context: loan?.context, stack: lines(loan?.stack) };
    });
    return { max, open, inUse, connecting, waiting, waited, holders };
  }
}

/** Whether somebody is told how long callers have waited. */
function listening(): boolean {
  return channels.acquire.hasSubscribers || channels.timeout.hasSubscribers;
}

/** How many connections these loans hold. */
function held<T>(loans: readonly Loan<T>[]): number {
  return loans.length === 0 ? 0 : new Set(loans.filter((loan) => loan.held)).size;
}

function settleGone<T>(place: Place<Spot<T>>): void {
  const { whenGone } = place.own;
  place.own.whenGone = undefined;
  if (whenGone !== undefined) for (const settle of whenGone) settle();
}

/** What `fn` gives, as a promise also where it throws or forgets to give one. */
function attempt<R>(fn: () => Promise<R>): Promise<R> {
  try {
    return Promise.resolve(fn());
  } catch (error) {
    return Promise.reject(error);
  }
}

function asError(error: unknown, pool: string): Error {
  if (error instanceof ApocryphanError) return error;
  const reason = error instanceof Error ? error.message : "an unknown reason";
  return new ConnectError(`Pool "${pool}" could not open a connection: ${reason}`, { cause: error });
}
