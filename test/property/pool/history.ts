import type { Limits } from "../../../src/pool/limits.ts";
import { Machine } from "../../../src/pool/machine.ts";
import type { Order, Refusal } from "../../../src/pool/orders.ts";
import type { Place } from "../../../src/pool/place.ts";
import { Waiter } from "../../../src/pool/queue.ts";

/** The machine's parts, handed in so that a copy with a planted fault can be tried. */
export interface Parts {
  readonly Machine: typeof Machine;
  readonly Waiter: typeof Waiter;
}

/** What the world knows about one connection. */
interface Connection {
  readonly id: number;
  state: "opening" | "open" | "closing" | "gone";
  openedAt: number;
  expiresAt: number;
  seenAt: number;
  idleSince: number;
  uses: number;
  retired: boolean;
  loan: Loan | undefined;
  ended: number;
}

interface Loan {
  readonly place: Place<Connection>;
  readonly since: number;
  reported: boolean;
}

interface Caller {
  readonly id: number;
  readonly held: number;
  readonly lasting: boolean;
}

type W = Waiter<Caller>;
type P = Place<Connection>;

/** Numbers by chance that a seed replays (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a broken promise is reported as. */
export class Broken extends Error {}

function must(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new Broken(typeof what === "string" ? what : what());
}

const NEVER = Number.POSITIVE_INFINITY;
const UNHEARD = 4;
/** The events after which as many are open, or being opened, as ought to be. */
const SETTLING = ["back", "opened", "checked", "gone", "drop", "closeIdle", "closeStale", "tick"];
const RESTED = 1000;

/**
 * A world with a machine in it: a network that fails at random, callers who come, hold, give up and give back, and an
 * account of what happened that is kept apart from the machine's own. Each step ends with `examine`.
 */
export class World {
  readonly limits: Limits;
  readonly machine: Machine<Connection, Caller>;
  now = 1000;
  readonly waiting: W[] = [];
  readonly loans: Loan[] = [];
  readonly attempts: P[] = [];
  readonly checks: { place: P; ask: boolean }[] = [];
  readonly resets: P[] = [];
  readonly closings: P[] = [];
  readonly all: P[] = [];
  answered = 0;
  asked = 0;
  serverUp = true;
  drained = 0;
  drainBy = NEVER;
  failures = 0;
  lastFailure = Number.NEGATIVE_INFINITY;
  /** When the server may be probed next, with somebody waiting and with nobody. */
  probeAt = Number.NEGATIVE_INFINITY;
  quietProbeAt = Number.NEGATIVE_INFINITY;
  /** Whether the minimum is to be kept: not between closeAll and the next caller. */
  awake = true;
  heardUntil = Number.NEGATIVE_INFINITY;
  /** Connections that are on their way out or gone, the latest few. */
  readonly ended: P[] = [];
  /** Time has passed since the last tick. */
  private behind = false;
  private ids = 0;
  private readonly parts: Parts;
  private readonly chance: () => number;
  /** Those whose opening the event under way has led to. */
  private readonly fresh = new Set<P>();
  /** The event under way. */
  private event = "";

  constructor(limits: Limits, chance: () => number, parts: Parts = { Machine, Waiter }) {
    this.limits = limits;
    this.chance = chance;
    this.parts = parts;
    this.machine = new parts.Machine<Connection, Caller>(limits, () => ({
      id: this.ids++,
      state: "opening",
      openedAt: 0,
      expiresAt: NEVER,
      seenAt: 0,
      idleSince: 0,
      uses: 0,
      retired: false,
      loan: undefined,
      ended: 0,
    }));
    this.hear();
    this.happen("start", () => this.machine.start(this.now));
  }

  /** The event loop has been through a whole poll phase. */
  hear(): void {
    this.heardUntil = this.now;
    this.machine.heard(this.now);
  }

  // ── what callers do ────────────────────────────────────────────────────────────────────────────────────────

  /** What lies ready, if anything does. */
  private ready(): P | undefined {
    let place: P | undefined;
    this.happen("ready", () => {
      place = this.machine.ready(this.now);
    });
    if (place === undefined) return undefined;
    must(this.waiting.length === 0, "somebody was overtaken");
    must(this.limits.validate !== "always", "lent without the check that was asked for");
    must(
      this.limits.validate !== "idle" || this.now - place.own.seenAt <= RESTED,
      "lent without a check after a rest",
    );
    must(this.now - this.heardUntil <= UNHEARD, "lent without having heard the network");
    return place;
  }

  /** Somebody uses what lies ready where it lies, and is done before anything else happens. */
  visit(): void {
    const place = this.ready();
    if (place === undefined) return;
    const c = place.own;
    must(c.state === "open" && c.loan === undefined, "visits what is not there for it");
    must(
      this.now < c.expiresAt && !c.retired && c.uses < this.limits.maxUses,
      "visits what is over its time",
    );
    c.uses++;
    this.heard(c);
    this.happen("visited", () => this.machine.visited(place, this.now));
    must((place.state === "closing") === c.uses >= this.limits.maxUses, "a visit left the wrong one open");
  }

  /** `dead` is how likely the idle connection turns out to be dead. */
  ask(timeout: number | undefined, brief: boolean, held = 0, dead = 0, failFast = false): void {
    this.asked++;
    const id = this.asked;
    for (;;) {
      const place = this.ready();
      if (place === undefined) break;
      const c = place.own;
      if (this.chance() < dead) {
        const lost = place;
        this.happen("found dead", () => this.machine.drop(lost, "lost", this.now));
        must(c.state === "closing", "a dead connection is not closed");
        continue;
      }
      const found = place;
      this.happen("take", () => {
        this.machine.take(found, this.now, brief);
        this.lend(found);
      });
      this.answered++;
      return;
    }
    const caller = { id, held, lasting: false };
    const waiter = new this.parts.Waiter<Caller>(caller, this.now, timeout, brief, failFast);
    this.waiting.push(waiter);
    this.awake = true;
    this.happen("ask", () => this.machine.ask(waiter, this.now, held));
  }

  abandon(index: number): void {
    const waiter = this.waiting[index] as W;
    this.waiting.splice(index, 1);
    this.happen("abandon", () => must(this.machine.abandon(waiter), "a waiter was forgotten"));
    must(!this.machine.abandon(waiter), "given up twice");
    this.answered++;
  }

  /** A holder gives back; `how` is what the reset says. */
  giveBack(index: number, how: "fit" | "unfit" | "later" | "destroy"): void {
    const { place } = this.loans[index] as Loan;
    const c = place.own;
    this.loans.splice(index, 1);
    c.loan = undefined;
    const unwanted = this.machine.unwanted(place, this.now);
    const over = this.now >= c.expiresAt || c.uses >= this.limits.maxUses || c.retired;
    must(
      (unwanted !== undefined) === (over || this.machine.phase !== "open"),
      () => `taken back: ${unwanted}`,
    );
    if (unwanted !== undefined || how === "unfit" || how === "destroy") {
      this.happen("drop", () => this.machine.drop(place, unwanted ?? "unfit", this.now));
      must(c.state === "closing", "what was dropped is not closed");
    } else if (how === "later") {
      this.resets.push(place);
      this.happen("resets", () => this.machine.resets(place));
    } else {
      this.heard(c);
      this.happen("back", () => this.machine.back(place, this.now));
    }
  }

  // ── what the network does ──────────────────────────────────────────────────────────────────────────────────

  attemptEnds(index: number, how: "opened" | "failed" | "hangs" | "lasting", retired = false): void {
    const place = take(this.attempts, index);
    const c = place.own;
    if (how === "opened") {
      c.state = "open";
      c.openedAt = this.now;
      c.retired = retired;
      this.heard(c);
      this.failures = 0;
      const jitter = this.chance();
      const { staleTimeout, maxLifetime, minConnections } = this.limits;
      const factor = 1 - 0.1 * jitter;
      c.expiresAt =
        this.now + Math.min(minConnections > 0 ? staleTimeout * factor : staleTimeout, maxLifetime * factor);
      this.happen("opened", () => this.machine.opened(place, this.now, jitter, retired));
      return;
    }
    this.failures++;
    this.lastFailure = this.now;
    const jitter = this.chance();
    const pause = 175 + 50 * jitter;
    this.probeAt = this.now + pause;
    this.quietProbeAt = this.now + Math.min(pause * 2 ** Math.min(this.failures - 1, 20), 30_000);
    c.state = how === "hangs" ? "closing" : "gone";
    if (how === "hangs") {
      this.closings.push(place);
      c.ended++;
    }
    const event = how === "lasting" ? "lasting failure" : "failure";
    const before = [...this.waiting];
    this.happen(event, () =>
      this.machine.openFailed(place, this.now, jitter, how === "lasting", how === "hangs"),
    );
    if (how !== "lasting") this.blame(before.filter((waiter) => !this.waiting.includes(waiter)));
  }

  /** Whom one failed attempt was told. */
  private blame(told: readonly W[]): void {
    const others = this.attempts.some((place) => !this.fresh.has(place));
    must(told.length <= 1 || !others, "one failure is told to several while others are under way");
    const patient = told.filter((waiter) => waiter.patient).length;
    must(patient <= 1 || this.loans.length === 0, "one failure is told to several who may wait for holders");
    if (others || this.loans.length + this.resets.length + this.checks.length > 0) return;
    must(
      this.waiting.every((waiter) => waiter.persistent || waiter.brief),
      "who does not wait for the server is not told that it can't be reached",
    );
  }

  checkEnds(index: number, fit: boolean): void {
    const { place, ask } = take(this.checks, index);
    if (!ask) this.hear();
    if (fit && ask) place.own.seenAt = this.now;
    this.happen("checked", () => this.machine.checked(place, fit, ask, this.now));
    if (!fit) must(place.own.state !== "open", "an unfit connection is kept");
  }

  resetEnds(index: number, fit: boolean): void {
    const place = take(this.resets, index);
    if (fit) this.heard(place.own);
    this.happen("reset done", () => this.machine.resetDone(place, fit, this.now));
    if (!fit) must(place.own.state !== "open", "an unfit connection is kept");
  }

  isGone(index: number): void {
    const place = take(this.closings, index);
    place.own.state = "gone";
    this.happen("gone", () => this.machine.gone(place, this.now));
  }

  dies(place: P): void {
    this.happen("lost", () => this.machine.drop(place, "lost", this.now));
    must(place.own.state === "closing", "a dead connection is not closed");
  }

  retire(place: P): void {
    place.own.retired = true;
    const unused = place.state === "idle" || place.state === "checking";
    this.happen("retire", () => this.machine.retire(place, this.now));
    must(!unused || place.own.state === "closing", "a retired connection that nobody uses stays open");
  }

  // ── what the owner does ────────────────────────────────────────────────────────────────────────────────────

  /** @param keep how many are left open, those opened last */
  closeIdle(keep = 0): void {
    const all = this.all.filter((place) => place.state === "idle" || place.state === "checking");
    const unused = all.slice(0, Math.max(all.length - keep, 0));
    let count = 0;
    this.happen("closeIdle", () => {
      count = this.machine.closeIdle(this.now, keep);
    });
    must(count === unused.length, "closeIdle gives another number");
    must(
      unused.every((place) => place.own.state === "closing"),
      "closeIdle left one open",
    );
    // One that is over its time is given up where somebody waits, whatever was asked for.
    must(
      all.slice(unused.length).every((place) => place.own.state === "open" || this.now >= place.expiresAt),
      "closeIdle closed one that was to be kept",
    );
  }

  closeStale(age: number): void {
    const held = this.loans.filter((loan) => this.now - loan.since >= age);
    let count = 0;
    this.happen("closeStale", () => {
      count = this.machine.closeStale(age, this.now);
    });
    must(count === held.length, "closeStale gives another number");
    must(
      held.every((loan) => loan.place.own.state === "closing"),
      "closeStale left one open",
    );
  }

  closeAll(): void {
    this.awake = false;
    this.happen("closeAll", () => this.machine.closeAll());
    must(this.waiting.length === 0, "closeAll left somebody waiting");
    must(this.loans.length === 0, "closeAll left somebody holding");
    must(this.machine.total === this.machine.closing, "closeAll left one open");
  }

  drain(ms: number): void {
    this.drained = 0;
    const closed = this.machine.phase === "closed";
    if (!closed) this.drainBy = Math.min(this.drainBy, this.now + ms);
    this.happen("drain", () => this.machine.drain(this.now + ms, this.now));
    must(this.waiting.length === 0, "drain left somebody waiting");
    must(this.machine.phase !== "open", "drain left the pool open");
    must(
      this.machine.opening + this.machine.idle.size + this.machine.checking === 0,
      "drain left an idle one open",
    );
    if (closed) must(this.drained === 1, "a second drain is not answered");
  }

  reopen(): void {
    this.drainBy = NEVER;
    this.awake = true;
    this.happen("reopen", () => this.machine.reopen(this.now));
  }

  /** Lets time pass, with a tick whenever the machine wants one. */
  advance(ms: number): void {
    const until = this.now + ms;
    for (let ticks = 0; ; ticks++) {
      must(ticks < 10_000, "time stands still");
      const due = Math.min(this.machine.urgentAt, this.machine.maintenanceAt);
      if (due > until) break;
      this.now = Math.max(this.now, due);
      this.tick();
    }
    this.now = until;
    if (this.chance() < 0.5) this.hear();
    this.examine();
  }

  /** The event loop is blocked: time passes without a tick, and whatever comes next comes before one. */
  jump(ms: number): void {
    this.now += ms;
    this.behind = true;
  }

  /** A report that comes too late, about a connection that is on its way out or gone, changes nothing. */
  echo(index: number, what: number): void {
    const place = this.ended[index] as P;
    this.happen("echo", () => {
      const { machine, now } = this;
      if (what === 0) machine.drop(place, "lost", now);
      else if (what === 1) machine.checked(place, true, true, now);
      else if (what === 2) machine.resetDone(place, true, now);
      else if (what === 3) machine.opened(place, now, 0, false);
      else if (what === 4) machine.openFailed(place, now, 0, false, false);
      else if (what === 5) machine.back(place, now);
      else if (what === 6) machine.resets(place);
      else if (place.own.state === "gone") machine.gone(place, now);
      must(machine.orders.length === 0, "a late report has consequences");
    });
  }

  /** The same, until the very moment in which something becomes due. */
  jumpToDue(which: number): void {
    const { machine } = this;
    const due = [machine.urgentAt, machine.maintenanceAt, this.probeAt, this.quietProbeAt];
    for (const place of machine.idle) {
      const c = place.own;
      due.push(c.expiresAt, c.idleSince + this.limits.idleTimeout, c.seenAt + this.limits.keepalive);
    }
    for (const loan of this.loans) due.push(loan.place.own.expiresAt, loan.since + this.limits.leakTimeout);
    const ahead = due.filter((at) => at > this.now && at !== NEVER);
    if (ahead.length > 0) this.jump((ahead[Math.floor(which * ahead.length)] as number) - this.now);
  }

  tick(): void {
    this.behind = false;
    this.happen("tick", () => this.machine.tick(this.now));
    must(this.machine.urgentAt > this.now, "a tick left something urgent undone");
    must(this.machine.maintenanceAt > this.now, "a tick left upkeep undone");
    must(this.now < this.drainBy || this.machine.phase === "closed", "a drain is not over in time");
    for (const waiter of this.waiting) must(waiter.deadline > this.now, "a deadline was missed");
    for (const loan of this.loans) {
      must(loan.reported || this.now < loan.since + this.limits.leakTimeout, "a leak went unreported");
    }
    for (const place of this.all) {
      if (place.state !== "idle") continue;
      must(this.now < place.own.expiresAt, "an expired connection lies idle");
      must(
        this.limits.minConnections > 0 || this.now < place.own.idleSince + this.limits.idleTimeout,
        "an idle connection was not closed",
      );
    }
  }

  // ── the account ────────────────────────────────────────────────────────────────────────────────────────────

  private happen(event: string, fn: () => void): void {
    this.event = event;
    this.fresh.clear();
    const phase = this.machine.phase;
    fn();
    for (let i = 0; i < this.machine.orders.length; i++) {
      this.obey(this.machine.orders[i] as Order<Connection, Caller>, phase);
    }
    this.machine.orders.length = 0;
    this.examine();
  }

  private obey(order: Order<Connection, Caller>, phase: string): void {
    switch (order.kind) {
      case "connect": {
        must(this.machine.phase === "open", "connects although it is closed");
        const last = this.attempts.length === 0;
        if (this.failures > 0) {
          must(last, "more than one attempt during an outage");
          const owed = this.failures < 3 && this.waiting.some((waiter) => !waiter.persistent);
          must(owed || this.now >= this.probeAt, "an outage is probed too often");
          must(
            this.waiting.length > 0 || this.now >= this.quietProbeAt,
            "an outage is probed too often although nobody waits",
          );
        }
        this.justify();
        this.fresh.add(order.place);
        this.attempts.push(order.place);
        this.all.push(order.place);
        must(this.attempts.length <= this.limits.connectConcurrency, "too many attempts at once");
        break;
      }
      case "check":
        must(order.place.own.state === "open", "checks what is not open");
        must(this.now < order.place.own.expiresAt, "checks what has expired");
        if (order.ask) {
          must(
            this.limits.validate !== "never" || this.event === "tick",
            "asks for a sign of life although nobody wanted that",
          );
        } else {
          must(this.limits.validate !== "always", "does not ask for the sign of life that is wanted");
          must(
            this.limits.validate !== "idle" || this.now - order.place.own.seenAt <= RESTED,
            "does not ask for a sign of life after a rest",
          );
        }
        this.checks.push({ place: order.place, ask: order.ask });
        break;
      case "lend": {
        const first = this.waiting.shift();
        must(first === order.waiter, "not the first in line was served");
        must(this.behind || this.now <= order.waiter.deadline, "served too late");
        must(phase === "open", "lends although it is closed");
        must(
          this.event !== "back" || this.now - this.heardUntil <= UNHEARD,
          "handed on without having heard the network",
        );
        this.lend(order.place);
        this.answered++;
        break;
      }
      case "refuse": {
        const index = this.waiting.indexOf(order.waiter);
        must(index >= 0, "answered twice");
        this.refused(order.waiter, order.why, index);
        this.waiting.splice(index, 1);
        this.answered++;
        break;
      }
      case "destroy": {
        const c = order.place.own;
        must(c.state === "open", "destroys what is not open");
        must(++c.ended === 1, "destroyed twice");
        c.state = "closing";
        forget(this.checks, (check) => check.place === order.place);
        forget(this.resets, (place) => place === order.place);
        const loan = c.loan;
        if (loan !== undefined) {
          c.loan = undefined;
          forget(this.loans, (other) => other === loan);
        }
        this.closings.push(order.place);
        this.remember(order.place);
        break;
      }
      case "abort":
        must(order.place.own.state === "opening", "aborts what is not being opened");
        must(++order.place.own.ended === 1, "aborted twice");
        order.place.own.state = "closing";
        forget(this.attempts, (place) => place === order.place);
        this.closings.push(order.place);
        this.remember(order.place);
        break;
      case "leak": {
        const loan = order.place.own.loan;
        must(loan !== undefined && !loan.reported, "reports a leak that is none");
        must(this.now >= loan.since + this.limits.leakTimeout, "reports a leak too early");
        loan.reported = true;
        break;
      }
      case "drained":
        this.drained++;
        must(this.drained === 1 || this.event === "drain", "drained twice");
        this.drainBy = NEVER;
        break;
      default:
        order satisfies never;
    }
    must(this.machine.total <= this.limits.maxConnections, "more than the maximum");
  }

  private refused(waiter: W, why: Refusal, index: number): void {
    const { maxConnections, maxWaiting } = this.limits;
    const atOnce = this.event === "ask" && index === this.waiting.length - 1;
    const others = this.waiting.length - 1;
    switch (why) {
      case "full": {
        must(atOnce && !waiter.patient, "refused as full although it may wait");
        const scopes = this.waiting.filter((other) => other !== waiter && !other.brief).length;
        must(this.loans.length + scopes >= maxConnections, "refused as full although there is room");
        break;
      }
      case "timeout":
        must(this.now >= waiter.deadline, "refused before its deadline");
        break;
      case "crowded":
        must(atOnce && others >= maxWaiting, "refused as crowded although few wait");
        break;
      case "deadlock":
        must(atOnce && waiter.patient && waiter.caller.held >= maxConnections, "no deadlock");
        break;
      case "closed":
        must(this.machine.phase === "closed" || this.event === "closeAll", "refused as closed");
        break;
      case "draining":
        must(this.machine.phase !== "open", "refused as draining");
        break;
      case "unreachable":
        must(this.failures > 0, "refused as unreachable although the last attempt succeeded");
        if (this.event === "failure") must(!waiter.persistent, "refused although it may wait for a retry");
        else if (this.event === "ask")
          must(
            this.failures >= 3 && this.now < this.probeAt && !waiter.persistent,
            "refused without an attempt",
          );
        else must(this.event === "lasting failure", () => `unreachable on ${this.event}`);
        break;
      default:
        why satisfies never;
    }
  }

  /** One more is being opened: for whom? A tick may open one ahead of those who have waited for long. */
  private justify(): void {
    const scopes = this.waiting.filter((waiter) => !waiter.brief).length;
    const serving = this.checks.filter((check) => !check.place.keepalive).length;
    const briefLoans = this.loans.some((loan) => loan.place.brief);
    const coming = briefLoans || this.resets.length + this.attempts.length + serving > 0;
    const standing = this.all.filter(({ own }) => own.state === "opening" || own.state === "open").length;
    must(
      this.event === "tick" ||
        scopes > this.attempts.length + serving ||
        (this.waiting.length > scopes && !coming) ||
        (this.awake && standing < this.limits.minConnections),
      "opens more than anybody needs",
    );
  }

  private remember(place: P): void {
    this.ended.push(place);
    if (this.ended.length > 8) this.ended.shift();
  }

  private heard(c: Connection): void {
    c.seenAt = this.now;
    c.idleSince = this.now;
  }

  private lend(place: P): void {
    const c = place.own;
    must(c.state === "open", "lends what is not open");
    must(c.loan === undefined, "lent twice");
    must(this.now < c.expiresAt && !c.retired, "lends what has expired");
    must(c.uses < this.limits.maxUses, "lends what is worn");
    must(!this.resets.includes(place), "lends what is being reset");
    c.uses++;
    c.loan = { place, since: this.now, reported: false };
    this.loans.push(c.loan);
  }

  /** What must hold after every event. */
  examine(): void {
    const { machine, limits } = this;
    let alive = 0;
    for (let i = this.all.length - 1; i >= 0; i--) {
      if ((this.all[i] as P).own.state === "gone") this.all.splice(i, 1);
      else alive++;
    }
    must(alive <= limits.maxConnections, "more than the maximum");
    must(machine.total === alive, "the count is wrong");
    must(machine.places.size === alive, "the places are wrong");
    must(machine.opening === this.attempts.length, "the count of attempts is wrong");
    must(machine.lent === this.loans.length, "the count of loans is wrong");
    must(machine.checking === this.checks.length, "the count of checks is wrong");
    must(machine.resetting === this.resets.length, "the count of resets is wrong");
    must(machine.closing === this.closings.length, "the count of closings is wrong");
    const sum =
      this.attempts.length +
      this.loans.length +
      this.checks.length +
      this.resets.length +
      this.closings.length;
    must(machine.idle.size === alive - sum, "the count of idle ones is wrong");
    must(machine.queue.size === this.waiting.length, "the count of waiters is wrong");
    let brief = 0;
    let impatient = 0;
    let deadline = NEVER;
    for (const waiter of this.waiting) {
      if (waiter.brief) brief++;
      if (!waiter.persistent) impatient++;
      deadline = Math.min(deadline, waiter.deadline);
    }
    must(
      machine.queue.brief === brief && machine.queue.impatient === impatient,
      "the kinds of waiters are wrong",
    );
    must(machine.queue.deadline === deadline, "the next deadline is wrong");
    if (machine.phase !== "open") {
      must(this.waiting.length === 0, "somebody waits for a closed pool");
      must(machine.idle.size + machine.opening + machine.checking === 0, "a closed pool keeps connections");
      return;
    }
    must(machine.urgentAt <= deadline, "the next tick is too late for a deadline");
    const serving = this.checks.reduce((n, check) => n + (check.place.keepalive ? 0 : 1), 0);
    must(
      this.waiting.length === 0 || machine.idle.size === 0 || serving >= this.waiting.length,
      "a connection lies idle beside somebody who waits",
    );
    const room = alive < limits.maxConnections;
    must(
      brief > 0 || this.failures > 0 || machine.urgentAt === Math.min(deadline, this.drainBy),
      "a timer for nobody",
    );
    const briefLoans = this.loans.some((loan) => loan.place.brief);
    const coming = briefLoans || this.resets.length + this.attempts.length + serving > 0;
    if (this.failures === 0) {
      const scopes = this.waiting.length - brief;
      const mayOpen = room && this.attempts.length < limits.connectConcurrency;
      must(!mayOpen || scopes <= this.attempts.length + serving, "somebody waits although one may be opened");
      must(!mayOpen || brief === 0 || coming, "a brief caller waits for nothing");
      must(
        // What has to be fast leaves it to the next event.
        !SETTLING.includes(this.event) ||
          !mayOpen ||
          !this.awake ||
          alive - this.closings.length >= limits.minConnections,
        "the minimum is not kept",
      );
      must(!room || brief === 0 || machine.urgentAt <= this.now + 20, "a brief caller is forgotten");
    } else if (room && this.attempts.length === 0) {
      const needed = this.waiting.length - brief > serving || (brief > 0 && !coming);
      const soon = Math.max(this.now, this.lastFailure + 225);
      must(!needed || machine.urgentAt <= soon, "nobody probes the server");
    }
  }

  /** The network behaves from now on and holders give back: everybody is answered, and nothing is left open. */
  finish(): void {
    this.serverUp = true;
    if (this.machine.phase !== "open") this.reopen();
    for (let round = 0; this.waiting.length > 0; round++) {
      must(round < 500, "somebody waits for ever");
      this.calm();
    }
    this.ask(0, false);
    for (let round = 0; this.machine.total - this.machine.closing < this.limits.minConnections; round++) {
      // After many failures the server is tried again after half a minute, where nobody waits.
      must(round < 3100, "the minimum is not kept");
      this.calm();
    }
    while (this.waiting.length > 0 || this.loans.length > 0) this.calm();
    this.closeAll();
    while (this.closings.length > 0) this.isGone(0);
    must(this.machine.total === 0 && this.all.length === 0, "something is open after the end");
    must(this.machine.urgentAt === NEVER, "a timer is left");
    must(this.machine.maintenanceAt === NEVER, "an idle timer is left");
    must(this.answered === this.asked, "not everybody was answered");
  }

  private calm(): void {
    while (this.attempts.length > 0) this.attemptEnds(0, "opened");
    while (this.checks.length > 0) this.checkEnds(0, true);
    while (this.resets.length > 0) this.resetEnds(0, true);
    while (this.loans.length > 0) this.giveBack(0, "fit");
    while (this.closings.length > 0) this.isGone(0);
    this.advance(10);
  }
}

function take<V>(list: V[], index: number): V {
  return list.splice(index, 1)[0] as V;
}

function forget<V>(list: V[], which: (value: V) => boolean): void {
  const index = list.findIndex(which);
  if (index >= 0) list.splice(index, 1);
}

/** Limits by chance; most histories leave most of them out. */
export function randomLimits(chance: () => number): Limits {
  const sometimes = (from: number, to: number): number =>
    chance() < 0.7 ? NEVER : Math.floor(from + (to - from) * chance());
  const maxConnections = 1 + Math.floor(chance() * 5);
  return {
    maxConnections,
    minConnections: chance() < 0.7 ? 0 : Math.floor(chance() * (maxConnections + 1)),
    staleTimeout: sometimes(50, 3000),
    maxLifetime: sometimes(50, 3000),
    idleTimeout: sometimes(30, 2000),
    maxUses: sometimes(1, 6),
    keepalive: sometimes(60, 2000),
    validate: chance() < 0.6 ? "never" : chance() < 0.5 ? "idle" : "always",
    maxWaiting: sometimes(1, 6),
    connectConcurrency: 1 + Math.floor(chance() * 4),
    leakTimeout: sometimes(50, 2000),
  };
}

/** Plays one random history of `steps` steps; the same seed plays the same one. Throws `Broken` where a promise is not kept. */
export function play(seed: number, steps: number, parts?: Parts): void {
  const chance = seeded(seed);
  const world = new World(randomLimits(chance), chance, parts);
  const patience = [undefined, 0, 5, 40, 300, 2000];
  const busy = chance();
  const faults = chance() < 0.3 ? 0 : 0.15 * chance();
  const any = (length: number): number => Math.floor(chance() * length);
  for (let step = 0; step < steps; step++) {
    const dice = chance();
    if (dice < 0.02) {
      // The owner is at work, or the server goes or comes.
      const what = chance();
      if (what < 0.2) world.closeIdle(chance() < 0.5 ? 0 : any(4));
      else if (what < 0.35) world.closeStale(chance() * 400);
      else if (what < 0.45) world.closeAll();
      else if (what < 0.5) world.drain(chance() * 300);
      else if (what < 0.8) world.serverUp = !world.serverUp;
      else if (world.all.length > 0) {
        const place = world.all[any(world.all.length)] as P;
        if (place.own.state === "open") world.retire(place);
      }
    } else if (dice < 0.02 + 0.06) {
      if (world.machine.phase !== "open" && chance() < 0.2) world.reopen();
      else if (chance() < 0.5 && world.waiting.length > 0) world.abandon(any(world.waiting.length));
      else world.tick();
    } else if (dice < 0.1 + 0.3 * busy) {
      const timeout = patience[any(patience.length)];
      const held = chance() < 0.05 ? world.limits.maxConnections : 0;
      if (chance() < 0.1) world.visit();
      else world.ask(timeout, chance() < 0.4, held, faults, chance() < 0.25);
    } else if (dice < 0.5) {
      if (world.loans.length > 0) {
        const how = chance();
        const fate = how < faults ? "unfit" : how < 0.2 ? "later" : how < 0.23 ? "destroy" : "fit";
        world.giveBack(any(world.loans.length), fate);
      }
    } else if (dice < 0.65) {
      if (world.attempts.length > 0) {
        const how = chance();
        const fate = !world.serverUp || how < faults ? (chance() < 0.3 ? "hangs" : "failed") : "opened";
        const lasting = fate === "failed" && chance() < 0.05;
        world.attemptEnds(any(world.attempts.length), lasting ? "lasting" : fate, chance() < 0.02);
      }
    } else if (dice < 0.73) {
      if (world.checks.length > 0) world.checkEnds(any(world.checks.length), chance() >= faults);
    } else if (dice < 0.78) {
      if (world.resets.length > 0) world.resetEnds(any(world.resets.length), chance() >= faults);
    } else if (dice < 0.88) {
      if (world.closings.length > 0) world.isGone(any(world.closings.length));
    } else if (dice < 0.9) {
      if (chance() < faults * 5 && world.all.length > 0) {
        const place = world.all[any(world.all.length)] as P;
        if (place.own.state === "open") world.dies(place);
      }
    } else if (dice < 0.91) {
      if (world.ended.length > 0) world.echo(any(world.ended.length), any(8));
    } else if (dice < 0.925) {
      if (chance() < 0.3) world.jumpToDue(chance());
      else world.jump(chance() * (chance() < 0.5 ? 40 : 400));
      // Whoever was held up by the block comes first.
      if (chance() < 0.7) world.ask(patience[any(patience.length)], chance() < 0.4, 0, 0, chance() < 0.25);
    } else {
      world.advance(chance() < 0.8 ? chance() * 20 : chance() * 800);
    }
  }
  world.finish();
}
