import type { Limits } from "../../../src/pool/limits.ts";
import type { Place } from "../../../src/pool/place.ts";
import { type Parts, World } from "./history.ts";

/** How much may happen in one history; what is not counted here may happen at any moment. */
export interface Budget {
  /** How often a connection or an attempt fails, dies or proves unfit. */
  readonly faults: number;
  /** How often time passes. */
  readonly pauses: number;
  /** How often the owner closes or drains. */
  readonly owner: number;
}

/** What the three callers want: how long they wait, and whether it is for one statement. */
const CALLERS: readonly { timeout: number | undefined; brief: boolean }[] = [
  { timeout: undefined, brief: false },
  { timeout: 40, brief: false },
  { timeout: 0, brief: true },
];

/** A state is reached by these steps. */
interface Node {
  readonly from: Node | undefined;
  readonly action: string;
}

class Play {
  readonly world: World;
  readonly asked = [false, false, false];
  faults: number;
  pauses: number;
  owner: number;

  constructor(limits: Limits, budget: Budget, parts: Parts | undefined) {
    this.world = new World(limits, () => 0.5, parts);
    this.faults = budget.faults;
    this.pauses = budget.pauses;
    this.owner = budget.owner;
  }

  /** Everything that may happen next. */
  actions(): string[] {
    const { world } = this;
    const list: string[] = [];
    for (let i = 0; i < CALLERS.length; i++) if (!this.asked[i]) list.push(`ask ${i}`);
    const faulty = this.faults > 0;
    const each = (length: number, good: readonly string[], bad: readonly string[]): void => {
      for (let i = 0; i < length; i++) {
        for (const action of good) list.push(`${action} ${i}`);
        if (faulty) for (const action of bad) list.push(`${action} ${i}`);
      }
    };
    each(world.attempts.length, ["opened"], ["failed", "hangs", "lasting"]);
    each(world.checks.length, ["checked"], ["unfit"]);
    each(world.resets.length, ["reset"], ["unreset"]);
    each(world.closings.length, ["gone"], []);
    each(world.waiting.length, ["abandon"], []);
    each(world.loans.length, ["back", "later", "destroy"], []);
    world.all.forEach((place, i) => {
      if (faulty && place.own.state === "open") list.push(`dies ${i}`);
    });
    if (this.pauses > 0) list.push("pause 25", "pause 200");
    if (this.owner > 0) list.push("closeIdle", "closeStale", "closeAll", "drain", "retire");
    if (world.machine.phase !== "open") list.push("reopen");
    return list;
  }

  apply(action: string): void {
    const { world } = this;
    const [what, number] = action.split(" ");
    const i = Number(number);
    switch (what) {
      case "ask": {
        const caller = CALLERS[i] as (typeof CALLERS)[number];
        this.asked[i] = true;
        world.ask(caller.timeout, caller.brief);
        return;
      }
      case "opened":
        world.attemptEnds(i, "opened");
        return;
      case "failed":
      case "hangs":
      case "lasting":
        this.faults--;
        world.attemptEnds(i, what);
        return;
      case "checked":
        world.checkEnds(i, true);
        return;
      case "unfit":
        this.faults--;
        world.checkEnds(i, false);
        return;
      case "reset":
        world.resetEnds(i, true);
        return;
      case "unreset":
        this.faults--;
        world.resetEnds(i, false);
        return;
      case "gone":
        world.isGone(i);
        return;
      case "abandon":
        world.abandon(i);
        return;
      case "back":
        world.giveBack(i, "fit");
        return;
      case "later":
      case "destroy":
        world.giveBack(i, what);
        return;
      case "dies":
        this.faults--;
        world.dies(world.all[i] as World["all"][number]);
        return;
      case "pause":
        this.pauses--;
        world.advance(i);
        return;
      case "reopen":
        world.reopen();
        return;
      default:
        this.owner--;
        if (what === "closeIdle") world.closeIdle();
        else if (what === "closeStale") world.closeStale(20);
        else if (what === "closeAll") world.closeAll();
        else if (what === "drain") world.drain(30);
        else for (const place of [...world.all]) if (place.own.state === "open") world.retire(place);
    }
  }

  /** All that later events can depend on, with times relative to now: two states with one key have one future. */
  key(): string {
    const { world } = this;
    const { machine, now } = world;
    const numbers = new Map<unknown, number>();
    for (const place of machine.places) numbers.set(place, numbers.size);

    const ago = (at: number): number | string =>
      Number.isFinite(at) ? Math.round((at - now) * 1000) : String(at);
    const place = (p: Place<unknown>): unknown => [
      p.state,
      ago(p.openedAt),
      ago(p.expiresAt),
      ago(p.idleSince),
      ago(p.seenAt),
      p.state === "lent" ? ago(p.takenAt) : 0,
      p.uses,
      p.brief,
      p.keepalive,
    ];
    const ids = (list: Iterable<unknown>): unknown[] => [...list].map((p) => numbers.get(p));
    const inner = machine as unknown as {
      ramp: { at: number; step: number; grantedAt: number; movedAt: number };
      outage: { failures: number; failedAt: number };
      heardUntil: number;
      drainAt: number;
      awake: boolean;
    };
    return JSON.stringify([
      this.asked,
      this.faults,
      this.pauses,
      this.owner,
      machine.phase,
      inner.awake,
      [...machine.places].map(place),
      ids(machine.idle),
      ids(machine.held),
      [...machine.queue].map((w) => [ago(w.since), ago(w.deadline), w.patient, w.persistent, w.brief]),
      machine.queue.brief > 0
        ? [ago(inner.ramp.at), inner.ramp.step, ago(inner.ramp.grantedAt), ago(inner.ramp.movedAt)]
        : ago(inner.ramp.movedAt),
      inner.outage.failures > 0 ? [inner.outage.failures, ago(inner.outage.failedAt)] : 0,
      ago(inner.heardUntil),
      ago(inner.drainAt),
      ago(machine.maintenanceAt),
      ids(world.attempts),
      world.checks.map((check) => [numbers.get(check.place), check.ask]),
      ids(world.resets),
      ids(world.closings),
    ]);
  }
}

/**
 * Goes through every state that three callers, their connections, the faults, time and the owner can bring about, and from
 * each of them on to a good end. Gives how many there are. Throws with the steps that lead to a broken promise.
 */
export function explore(limits: Limits, budget: Budget, parts?: Parts): { states: number; steps: number } {
  const replay = (node: Node): Play => {
    const path: string[] = [];
    for (let at: Node | undefined = node; at?.from !== undefined; at = at.from) path.push(at.action);
    const game = new Play(limits, budget, parts);
    for (let i = path.length - 1; i >= 0; i--) game.apply(path[i] as string);
    return game;
  };
  const start: Node = { from: undefined, action: "start" };
  const seen = new Set([new Play(limits, budget, parts).key()]);
  const line: Node[] = [start];
  let steps = 0;
  for (let next = line.pop(); next !== undefined; next = line.pop()) {
    for (const action of replay(next).actions()) {
      const node: Node = { from: next, action };
      steps++;
      try {
        const game = replay(node);
        const key = game.key();
        if (seen.has(key)) continue;
        seen.add(key);
        line.push(node);
        game.world.finish();
      } catch (cause) {
        const path: string[] = [];
        for (let at: Node | undefined = node; at?.from !== undefined; at = at.from) path.unshift(at.action);
        throw new Error(`${cause instanceof Error ? cause.message : cause} after: ${path.join(", ")}`, {
          cause,
        });
      }
    }
  }
  return { states: seen.size, steps };
}
