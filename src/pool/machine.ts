import { Chain } from "../base/chain.ts";
import type { Limits } from "./limits.ts";
import type { CloseReason, Order, Refusal } from "./orders.ts";
import { Outage } from "./outage.ts";
import { Place } from "./place.ts";
import { Queue, type Waiter } from "./queue.ts";
import { Ramp } from "./ramp.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** A connection may have died unnoticed where the network has not been heard for longer than this. Milliseconds. */
const UNHEARD = 4;
/** An idle connection whose turn to be asked has not come is looked at again after this. Milliseconds. */
const LOOK_AGAIN = 50;
/** With `validate: "idle"`, how long a connection lies before it is asked. Milliseconds. */
const RESTED = 1000;
/** The part of `maxLifetime` that is left to chance. */
const JITTER = 0.1;

/**
 * Every decision of the pool: who gets which connection, when one is opened, checked or closed, who is refused.
 *
 * Synchronous, and without promises, timers, clock or chance: each event is a method that takes `now` (milliseconds)
 * and leaves what is to be done in `orders`, which the runner empties and obeys before the next event. So every
 * interleaving can be explored on a virtual clock. What always holds:
 *
 * - `total`, which counts every place from the attempt to connect until the connection is gone, is at most `maxConnections`;
 * - each waiter is answered exactly once, first come first served, and by its deadline;
 * - no connection lies idle beside somebody who waits, unless one is being checked for them;
 * - each connection that was opened is destroyed exactly once, each attempt given up is aborted exactly once.
 *
 * `P` is what the runner keeps per place, `C` what it keeps per caller.
 */
export class Machine<P, C> {
  readonly orders: Order<P, C>[] = [];
  readonly limits: Limits;
  readonly queue = new Queue<C>();
  /** Those that can be lent; the last to come back is first, so that the others can shrink away. */
  readonly idle = new Chain<Place<P>>();
  readonly outage = new Outage();
  /** All that count against the maximum. */
  readonly places = new Set<Place<P>>();
  /** A lower bound of when `tick` has something to do that no caller waits for. */
  maintenanceAt = NEVER;
  total = 0;
  opening = 0;
  checking = 0;
  /** How many are held. A number and no list, which every scope would have to join and leave. */
  lent = 0;
  resetting = 0;
  closing = 0;
  phase: "open" | "draining" | "closed" = "open";
  private readonly ramp = new Ramp();
  private readonly newPlace: () => P;
  private readonly prefer: ((first: Place<P>, fit: (place: Place<P>) => boolean) => Place<P>) | undefined;
  /** Whether it matters how long connections lie idle. */
  private readonly dated: boolean;
  /** Whether the first of the idle ones is as good as any, and lent without a round trip first. */
  private readonly plain: boolean;
  private briefLent = 0;
  /** How many of those being checked are checked for no caller. */
  private keeping = 0;
  private heardUntil = Number.NEGATIVE_INFINITY;
  private drainAt = NEVER;
  /** Whether `minConnections` is to be kept: not between `closeAll` and the next caller. */
  private awake = true;

  /** @param prefer where it matters which of the idle places is taken: gives `first`, or another that is fit */
  constructor(
    limits: Limits,
    newPlace: () => P,
    prefer?: (first: Place<P>, fit: (place: Place<P>) => boolean) => Place<P>,
  ) {
    this.prefer = prefer;
    this.limits = limits;
    this.newPlace = newPlace;
    const { idleTimeout, keepalive, validate } = limits;
    this.plain = prefer === undefined && validate === "never";
    this.dated = idleTimeout !== NEVER || keepalive !== NEVER || validate === "idle";
  }

  // ── the fast path ──────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A connection that can be lent at once: nobody is ahead, and it needs no check. The caller lends it with `take`, or
   * reports with `drop` that it is dead. Nothing is allocated unless an expired one is found on the way.
   */
  ready(now: number): Place<P> | undefined {
    if (this.queue.size > 0) return undefined;
    const { first } = this.idle;
    // As nearly always; what follows is a function of its own, so that the engine can copy this one into its callers.
    if (this.plain && first !== undefined && now < first.expiresAt && !this.unheard(now)) return first;
    return this.search(now);
  }

  /** The same where it takes a closer look. Nothing lies idle in a pool that is not open. */
  private search(now: number): Place<P> | undefined {
    for (let place = this.idle.first; place !== undefined; place = this.idle.first) {
      if (now < place.expiresAt) return this.needsCheck(place, now) ? undefined : this.best(place, now);
      this.destroy(place, "expired");
    }
    return undefined;
  }

  /** `first` or another idle one that needs no check. */
  private best(first: Place<P>, now: number): Place<P> {
    return this.prefer?.(first, (place) => now < place.expiresAt && !this.needsCheck(place, now)) ?? first;
  }

  /** Lends what `ready` gave. */
  take(place: Place<P>, now: number, brief: boolean): void {
    this.idle.remove(place);
    this.toLent(place, now, brief);
  }

  /**
   * What `ready` gave was used where it lies, between two events, so that it was lent to nobody; now it lies there anew. One
   * that is not to be lent again is closed.
   */
  visited(place: Place<P>, now: number): void {
    place.uses++;
    place.idleSince = now;
    place.seenAt = now;
    const why = this.unwanted(place, now);
    if (why !== undefined) this.drop(place, why, now);
  }

  /** Why a connection that comes back is not taken back but to be dropped; `undefined` where it is. */
  unwanted(place: Place<P>, now: number): CloseReason | undefined {
    if (this.phase !== "open") return "drained";
    if (place.uses >= this.limits.maxUses) return "worn";
    if (now < place.expiresAt) return undefined;
    return place.expiresAt === Number.NEGATIVE_INFINITY ? "retired" : "expired";
  }

  /**
   * Whether nothing depends on when `place` comes back, so that `takenAt` will do for `now`: nobody waits for it, and it is
   * counted neither how old it is nor how long it lies.
   */
  timeless(place: Place<P>): boolean {
    return this.queue.size === 0 && place.expiresAt === NEVER && !this.dated;
  }

  /**
   * A connection came back that is not `unwanted`, and goes to the first in line at once, as most do where many wait. Gives who
   * is to be told so; `undefined`, and nothing done, where nobody waits or it has to be looked at first.
   */
  relay(place: Place<P>, now: number): Waiter<C> | undefined {
    const next = this.queue.head;
    // Its holder may have kept the event loop busy until just now; then it is looked at before anybody gets it.
    if (next === undefined || place.state !== "lent" || this.unheard(now)) return undefined;
    this.fromLent(place);
    this.ramp.moved(now);
    this.queue.leave(next);
    this.toLent(place, now, next.brief);
    return next;
  }

  /** A connection came back that is not `unwanted`, and can be lent again. */
  back(place: Place<P>, now: number): void {
    if (place.state !== "lent") return;
    const next = this.queue.size > 0 ? this.relay(place, now) : undefined;
    if (next !== undefined) {
      this.orders.push({ kind: "lend", waiter: next, place });
      return;
    }
    this.fromLent(place);
    this.ramp.moved(now);
    place.idleSince = now;
    place.seenAt = now;
    if (this.phase === "open" && now < place.expiresAt) this.lay(place, false);
    else this.close(place, this.unwanted(place, now) ?? "expired");
    // Nearly always, so that not even the call is made.
    if (!this.content) this.settle(now);
  }

  // ── callers ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Somebody wants a connection and `ready` gave none.
   *
   * @param held how many connections the caller's own enclosing scopes hold
   */
  ask(waiter: Waiter<C>, now: number, held: number): void {
    this.awake = true;
    const why = this.refusal(waiter, now, held);
    if (why !== undefined) {
      this.orders.push({ kind: "refuse", waiter, why });
      return;
    }
    if (waiter.brief && this.queue.brief === 0) this.ramp.begin(now);
    this.queue.join(waiter);
    this.settle(now);
  }

  /** Brief callers are being served without a connection of their own, so none need be opened for them yet. */
  moved(now: number): void {
    this.ramp.shared(now);
  }

  /** Nothing will come back soon, so one more is opened for brief callers, unless one is on its way already. */
  hurry(now: number): void {
    if (this.opening === 0) this.settle(now, 1);
  }

  /** A waiter gives up; its runner answers it. Gives `false` where it already has its answer. */
  abandon(waiter: Waiter<C>): boolean {
    if (!waiter.waiting) return false;
    this.queue.leave(waiter);
    return true;
  }

  // ── connections ────────────────────────────────────────────────────────────────────────────────────────────

  /** Opens what `minConnections` asks for. */
  start(now: number): void {
    this.settle(now);
  }

  /** An attempt to connect succeeded. `chance` is from 0 to 1; one that is `retired` is closed at once. */
  opened(place: Place<P>, now: number, chance: number, retired: boolean): void {
    if (place.state !== "opening") return;
    this.leave(place);
    this.outage.over();
    const { maxLifetime, staleTimeout, minConnections } = this.limits;
    const jitter = 1 - JITTER * chance;
    // Connections that are kept are opened together; they must not be renewed together.
    const stale = minConnections > 0 ? staleTimeout * jitter : staleTimeout;
    place.openedAt = now;
    place.expiresAt = retired ? Number.NEGATIVE_INFINITY : now + Math.min(stale, maxLifetime * jitter);
    this.fit(place, now, this.queue.head);
    this.settle(now);
  }

  /**
   * An attempt to connect failed.
   *
   * @param lasting whether trying again is pointless, so that nobody is made to wait for it
   * @param pending whether the attempt is still being given up: its place is then free only after `gone`
   */
  openFailed(place: Place<P>, now: number, chance: number, lasting: boolean, pending: boolean): void {
    if (place.state !== "opening") return;
    this.leave(place);
    if (pending) this.toClosing(place);
    else this.remove(place);
    this.outage.failed(now, chance);
    this.disappoint(lasting);
    this.settle(now);
  }

  /** A connection came back, and is being made fit. Answered by `resetDone`. */
  resets(place: Place<P>): void {
    if (place.state !== "lent") return;
    this.leave(place);
    place.state = "resetting";
    this.resetting++;
  }

  resetDone(place: Place<P>, fit: boolean, now: number): void {
    if (place.state !== "resetting") return;
    if (!fit) {
      this.drop(place, "unfit", now);
      return;
    }
    this.leave(place);
    this.ramp.moved(now);
    this.fit(place, now, this.queue.head);
    this.settle(now);
  }

  /** Whatever the network had to say until then has been heard. */
  heard(until: number): void {
    this.heardUntil = until;
  }

  /** The answer to a `check`. `asked` says whether the other side gave a sign of life. */
  checked(place: Place<P>, fit: boolean, asked: boolean, now: number): void {
    if (place.state !== "checking") return;
    if (!fit) {
      this.drop(place, "unfit", now);
      return;
    }
    const coldest = place.keepalive;
    this.leave(place);
    if (asked) place.seenAt = now;
    this.offer(place, now, this.queue.head, coldest);
    this.settle(now);
  }

  /** Closes a connection, whoever has it; once it is on its way that changes nothing. */
  drop(place: Place<P>, why: CloseReason, now: number): void {
    if (place.state === "closing" || place.state === "gone") return;
    this.end(place, why);
    this.settle(now);
  }

  /** A connection was closed, or its attempt given up: its place is free. */
  gone(place: Place<P>, now: number): void {
    if (place.state !== "closing") return;
    this.closing--;
    this.remove(place);
    this.settle(now);
  }

  /** Never lends `place` again: closes it where it lies, or when it comes back. For one that is open. */
  retire(place: Place<P>, now: number): void {
    place.expiresAt = Number.NEGATIVE_INFINITY;
    if (place.state === "idle" || place.state === "checking") this.drop(place, "retired", now);
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** When `tick` must be called because somebody waits for it; `Infinity` where nobody does. */
  get urgentAt(): number {
    let at = Math.min(this.queue.deadline, this.drainAt);
    if (this.queue.size > 0 && this.total < this.limits.maxConnections) {
      if (this.queue.brief > 0) at = Math.min(at, this.ramp.at);
      if (this.outage.on && this.opening === 0 && this.wanted > 0) {
        at = Math.min(at, this.outage.nextAttempt(true));
      }
    }
    return at;
  }

  /** Those that are lent; who has had one longest is first. */
  get held(): Place<P>[] {
    const held = [...this.places].filter(({ state }) => state === "lent");
    return held.sort((one, other) => one.takenAt - other.takenAt);
  }

  /** Time has passed. May be called at any moment, also too early. */
  tick(now: number): void {
    for (let due = this.queue.mostUrgent; due !== undefined; due = this.queue.mostUrgent) {
      if (due.deadline > now) break;
      this.refuse(due, "timeout");
    }
    let granted = 0;
    const head = this.queue.head;
    if (head !== undefined && now >= this.ramp.at) {
      // Those for whom one is being opened or checked already are not helped sooner by another.
      const unserved = this.queue.size - this.opening - this.serving;
      granted = Math.min(this.ramp.grant(now, head.since), this.queue.brief, unserved);
    }
    if (now >= this.drainAt) this.cut();
    if (now >= this.maintenanceAt) this.maintain(now);
    this.settle(now, granted);
  }

  // ── the pool as a whole ────────────────────────────────────────────────────────────────────────────────────

  /** Closes those that are not in use, but for the `keep` opened last; gives their number. */
  closeIdle(now: number, keep = 0): number {
    const before = this.closing;
    let left = this.idle.size + this.checking - keep;
    for (const place of this.places) {
      if (left <= 0) break;
      if (place.state !== "idle" && place.state !== "checking") continue;
      this.destroy(place, "idle");
      left--;
    }
    const closed = this.closing - before;
    this.settle(now);
    return closed;
  }

  /** Closes those that have been held for at least `age` milliseconds; gives their number. */
  closeStale(age: number, now: number): number {
    const before = this.closing;
    for (const place of this.held) if (now - place.takenAt >= age) this.destroy(place, "held");
    const closed = this.closing - before;
    this.settle(now);
    return closed;
  }

  /** Closes everything and refuses everybody; the next caller finds an empty pool. */
  closeAll(): void {
    this.awake = false;
    this.refuseAll("closed");
    for (const place of this.places) this.end(place, "closed");
    this.maintenanceAt = NEVER;
  }

  /** Lends nothing from now on, waits for holders until `deadline`, then cuts them off. Ends with a `drained` order. */
  drain(deadline: number, now: number): void {
    if (this.phase === "closed") {
      this.orders.push({ kind: "drained", cut: 0 });
      return;
    }
    this.phase = "draining";
    this.drainAt = Math.min(this.drainAt, deadline);
    this.refuseAll("draining");
    for (const place of this.places) if (place.state !== "lent") this.end(place, "drained");
    this.finishDrain();
    if (now >= this.drainAt) this.cut();
  }

  /** Lends again after a drain. One that is under way is called off: its `drained` order comes at once. */
  reopen(now: number): void {
    if (this.phase === "draining") this.orders.push({ kind: "drained", cut: 0 });
    this.phase = "open";
    this.drainAt = NEVER;
    this.awake = true;
    this.settle(now);
  }

  // ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Why `waiter` is not even let into the line. */
  private refusal(waiter: Waiter<C>, now: number, held: number): Refusal | undefined {
    const max = this.limits.maxConnections;
    if (this.phase !== "open") return this.phase === "closed" ? "closed" : "draining";
    if (waiter.patient) {
      if (held >= max) return "deadlock";
    } else {
      // A brief caller shares with other brief ones, who give back soon; a scope's holder may take any time.
      const taken = waiter.brief ? this.lent - this.briefLent : this.lent;
      if (taken + this.queue.scopes >= max) return "full";
    }
    if (!waiter.persistent && this.outage.certain && this.hopeless(waiter)) {
      // Who waits for holders has a place to come, unless there is room and thus an attempt to be made for him.
      const coming = waiter.patient && this.lent + this.closing >= max;
      if (!coming && now < this.outage.nextAttempt(true)) return "unreachable";
    }
    return this.crowded ? "crowded" : undefined;
  }

  /** Whether as many wait for a holder as may. Those for whom a place is not held by anybody wait for the network. */
  get crowded(): boolean {
    const { maxConnections, maxWaiting } = this.limits;
    return this.queue.size - (maxConnections - this.lent) >= maxWaiting;
  }

  /** Whether nothing that is under way will serve `waiter`. */
  private hopeless(waiter: Waiter<C>): boolean {
    // What is neither held nor closed is being opened, checked or reset, or lies idle.
    const coming = this.total - this.lent - this.closing;
    return coming === 0 && !(waiter.brief && this.briefComing);
  }

  /** Whether a connection will come to the line by itself, soon. */
  private get briefComing(): boolean {
    return this.briefLent > 0 || this.resetting > 0 || this.serving > 0 || this.opening > 0;
  }

  /** How many are being checked for somebody who waits. */
  private get serving(): number {
    return this.checking - this.keeping;
  }

  /** How many connections there ought to be more. */
  private get wanted(): number {
    const scopes = this.queue.scopes - this.opening - this.serving;
    const brief = this.queue.brief > 0 && !this.briefComing ? 1 : 0;
    const standing = this.total - this.closing;
    const kept = this.awake ? this.limits.minConnections - standing : 0;
    return Math.max(scopes, brief, kept);
  }

  /** Whether nobody waits and as many are there as are to be kept, so that there is nothing to decide. */
  private get content(): boolean {
    return this.queue.size === 0 && this.total - this.closing >= this.limits.minConnections;
  }

  /** What every event ends with: whoever can be helped is helped. */
  private settle(now: number, granted = 0): void {
    if (this.phase !== "open") return;
    // Where all there can be are there, nothing is to be opened; and to give takes somebody who waits and something that lies there.
    if (this.total >= this.limits.maxConnections && (this.idle.size === 0 || this.queue.size === 0)) return;
    while (this.queue.size > this.serving) {
      const place = this.idle.first;
      if (place === undefined) break;
      if (now < place.expiresAt)
        this.check(this.prefer?.(place, (other) => now < other.expiresAt) ?? place, now, false);
      else this.destroy(place, "expired");
    }
    let wanted = Math.max(this.wanted, granted);
    while (wanted > 0 && this.total < this.limits.maxConnections && this.mayAttempt(now)) {
      wanted--;
      this.connect();
    }
    if (this.outage.on && wanted > 0 && this.opening === 0 && this.total < this.limits.maxConnections) {
      this.maintainBy(this.outage.nextAttempt(false));
    }
  }

  private mayAttempt(now: number): boolean {
    if (!this.outage.on) return this.opening < this.limits.connectConcurrency;
    if (this.opening > 0) return false;
    // Who does not wait for the server is owed one attempt, unless enough have failed just now.
    if (!this.outage.certain && this.queue.impatient > 0) return true;
    return now >= this.outage.nextAttempt(this.queue.size > 0);
  }

  /** After a failed attempt: whom it was made for and who does not wait for the server gets the error. */
  private disappoint(lasting: boolean): void {
    if (lasting) this.refuseAll("unreachable");
    // The first in line may still be served by what is on its way back.
    let spared = this.serving + this.resetting;
    for (const waiter of this.queue) {
      if (this.queue.impatient === 0) return;
      if (spared-- > 0 || waiter.persistent || (waiter.brief && this.briefComing)) continue;
      this.refuse(waiter, "unreachable");
      // While others are under way, or on loan for who waits for holders, one failure is one caller's; the last one is everybody's.
      if (this.opening > 0 || (waiter.patient && this.lent > 0)) return;
    }
  }

  private needsCheck(place: Place<P>, now: number): boolean {
    return this.unheard(now) || this.mustAsk(place, now);
  }

  private unheard(now: number): boolean {
    return now - this.heardUntil > UNHEARD;
  }

  private mustAsk(place: Place<P>, now: number): boolean {
    const { validate } = this.limits;
    return validate === "always" || (validate === "idle" && now - place.seenAt > RESTED);
  }

  /** A connection has just given a sign of life. */
  private fit(place: Place<P>, now: number, waiter: Waiter<C> | undefined): void {
    place.idleSince = now;
    place.seenAt = now;
    this.offer(place, now, waiter, false);
  }

  /** Gives a connection that is in no state to `waiter`, who is first in line, or lays it by. */
  private offer(place: Place<P>, now: number, waiter: Waiter<C> | undefined, coldest: boolean): void {
    if (this.phase !== "open" || now >= place.expiresAt) {
      this.close(place, this.unwanted(place, now) ?? "expired");
      return;
    }
    if (waiter === undefined) {
      this.lay(place, coldest);
      return;
    }
    this.queue.leave(waiter);
    this.toLent(place, now, waiter.brief);
    this.orders.push({ kind: "lend", waiter, place });
  }

  /** Lays a connection by that is in no state: on top of the others, or under them. */
  private lay(place: Place<P>, coldest: boolean): void {
    place.state = "idle";
    if (coldest) this.idle.push(place);
    else this.idle.unshift(place);
    this.maintainBy(place.expiresAt);
    if (this.dated) {
      this.maintainBy(place.idleSince + this.limits.idleTimeout);
      this.maintainBy(place.seenAt + this.limits.keepalive);
    }
  }

  private refuse(waiter: Waiter<C>, why: Refusal): void {
    this.queue.leave(waiter);
    this.orders.push({ kind: "refuse", waiter, why });
  }

  private refuseAll(why: Refusal): void {
    for (const waiter of this.queue) this.refuse(waiter, why);
  }

  // ── changing places ────────────────────────────────────────────────────────────────────────────────────────

  private connect(): void {
    const place = new Place<P>(this.newPlace());
    this.places.add(place);
    this.total++;
    this.opening++;
    this.orders.push({ kind: "connect", place });
  }

  private check(place: Place<P>, now: number, keepalive: boolean): void {
    this.leave(place);
    place.state = "checking";
    place.keepalive = keepalive;
    this.checking++;
    if (keepalive) this.keeping++;
    this.orders.push({ kind: "check", place, ask: keepalive || this.mustAsk(place, now) });
  }

  private toLent(place: Place<P>, now: number, brief: boolean): void {
    place.state = "lent";
    place.takenAt = now;
    place.uses++;
    place.brief = brief;
    place.leaked = false;
    if (brief) this.briefLent++;
    this.lent++;
    this.maintainBy(now + this.limits.leakTimeout);
  }

  private fromLent(place: Place<P>): void {
    this.lent--;
    if (place.brief) this.briefLent--;
  }

  /** Takes a place out of the list or the counts of its state; what it becomes is up to the caller. */
  private leave(place: Place<P>): void {
    switch (place.state) {
      case "idle":
        this.idle.remove(place);
        break;
      case "lent":
        this.fromLent(place);
        break;
      case "checking":
        this.checking--;
        if (place.keepalive) this.keeping--;
        break;
      case "resetting":
        this.resetting--;
        break;
      case "opening":
        this.opening--;
    }
  }

  /** Sets a place on its way out, whatever goes on there. */
  private end(place: Place<P>, why: CloseReason): void {
    if (place.state === "closing") return;
    if (place.state === "opening") {
      this.leave(place);
      this.toClosing(place);
      this.orders.push({ kind: "abort", place });
    } else {
      this.destroy(place, why);
    }
  }

  private destroy(place: Place<P>, why: CloseReason): void {
    this.leave(place);
    this.close(place, why);
  }

  private close(place: Place<P>, why: CloseReason): void {
    this.toClosing(place);
    this.orders.push({ kind: "destroy", place, why });
  }

  private toClosing(place: Place<P>): void {
    place.state = "closing";
    this.closing++;
  }

  private remove(place: Place<P>): void {
    place.state = "gone";
    this.places.delete(place);
    this.total--;
    if (this.total === 0) this.maintenanceAt = NEVER;
    this.finishDrain();
  }

  // ── upkeep ─────────────────────────────────────────────────────────────────────────────────────────────────

  private maintainBy(at: number): void {
    if (at < this.maintenanceAt) this.maintenanceAt = at;
  }

  /** Looks at every place: what has expired, what lies for too long, what is to be kept alive, who holds too long. */
  private maintain(now: number): void {
    const { idleTimeout, keepalive, leakTimeout, minConnections, idleFloor = minConnections } = this.limits;
    this.maintenanceAt = NEVER;
    let asking = Math.max(1, this.idle.size >> 1);
    for (let place = this.idle.last; place !== undefined; ) {
      const next: Place<P> | undefined = place.before;
      if (now >= place.expiresAt) this.destroy(place, "expired");
      else if (now >= place.idleSince + idleTimeout && this.total - this.closing > idleFloor) {
        this.destroy(place, "idle");
      } else if (now >= place.seenAt + keepalive && asking > 0) {
        asking--;
        this.check(place, now, true);
      } else {
        this.maintainBy(place.expiresAt);
        // What is over its time and kept for the minimum is looked at again when something changes.
        if (now < place.idleSince + idleTimeout) this.maintainBy(place.idleSince + idleTimeout);
        this.maintainBy(Math.max(place.seenAt + keepalive, now + LOOK_AGAIN));
      }
      place = next;
    }
    if (leakTimeout === NEVER) return;
    for (const place of this.held) {
      if (place.leaked) continue;
      if (now < place.takenAt + leakTimeout) {
        this.maintainBy(place.takenAt + leakTimeout);
        break;
      }
      place.leaked = true;
      this.orders.push({ kind: "leak", place });
    }
  }

  /** The time for holders is over. */
  private cut(): void {
    const cut = this.lent;
    for (const place of this.places) this.end(place, "drained");
    this.endDrain(cut);
  }

  private finishDrain(): void {
    if (this.phase === "draining" && this.total === 0) this.endDrain(0);
  }

  private endDrain(cut: number): void {
    this.phase = "closed";
    this.drainAt = NEVER;
    this.maintenanceAt = NEVER;
    this.orders.push({ kind: "drained", cut });
  }
}
