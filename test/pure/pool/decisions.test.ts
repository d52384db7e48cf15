import assert from "node:assert/strict";
import { test } from "node:test";
import type { Limits } from "../../../src/pool/limits.ts";
import { Machine } from "../../../src/pool/machine.ts";
import type { Place } from "../../../src/pool/place.ts";
import { Waiter } from "../../../src/pool/queue.ts";

/*
 * Single decisions of the machine that show only at the edge of a time or a number, on which random histories rarely fall.
 */

const NEVER = Number.POSITIVE_INFINITY;
const LIMITS: Limits = {
  maxConnections: 3,
  minConnections: 0,
  staleTimeout: NEVER,
  maxLifetime: NEVER,
  idleTimeout: NEVER,
  maxUses: NEVER,
  keepalive: NEVER,
  validate: "never",
  maxWaiting: NEVER,
  connectConcurrency: 3,
  leakTimeout: NEVER,
};

type Desk = Machine<string, string>;
type Spot = Place<string>;
/** What is to be chosen instead of the first. */
type Prefer = (first: Spot, fit: (place: Spot) => boolean) => Spot;

function desk(limits: Partial<Limits> = {}, prefer?: Prefer): Desk {
  let names = 0;
  return new Machine<string, string>({ ...LIMITS, ...limits }, () => String(++names), prefer);
}

interface Manner {
  readonly brief?: boolean;
  readonly timeout?: number | undefined;
  readonly failFast?: boolean;
}

function ask(machine: Desk, now: number, { brief = false, timeout, failFast = false }: Manner = {}): void {
  machine.ask(new Waiter("somebody", now, timeout, brief, failFast), now, 0);
}

/** The orders there are, each as a word and what it is about; takes them. */
function orders(machine: Desk): string[] {
  return machine.orders.splice(0).map((order) => {
    if (order.kind === "refuse") return `refuse ${order.why}`;
    return "place" in order ? `${order.kind} ${order.place.own}` : order.kind;
  });
}

/** Opens a connection for somebody who takes it. */
function lent(machine: Desk, now: number): Spot {
  ask(machine, now, { timeout: 0 });
  const order = machine.orders.splice(0).find(({ kind }) => kind === "connect");
  assert.ok(order?.kind === "connect");
  machine.opened(order.place, now, 0, false);
  machine.orders.length = 0;
  return order.place;
}

/** Two idle ones, of which the older is preferred to the first as long as it is fit. */
function oldAndFresh(limits: Partial<Limits>, fresh: number) {
  const machine: Desk = desk(limits, (first, fit) => [...machine.idle].reverse().find(fit) ?? first);
  const [first, second] = [lent(machine, 0), lent(machine, 500)];
  machine.heard(600);
  machine.back(first, 600);
  machine.heard(fresh);
  machine.back(second, fresh);
  assert.deepEqual(
    [...machine.idle].map(({ own }) => own),
    ["2", "1"],
  );
  return machine;
}

test("of the idle ones the preferred is lent, as long as it is not expired", () => {
  const machine = oldAndFresh({ staleTimeout: 1000 }, 700);
  machine.heard(1000);
  assert.equal(machine.ready(999)?.own, "1");
  assert.equal(machine.ready(1000)?.own, "2");
});

test("and as long as it need not be asked for a sign of life first", () => {
  const machine = oldAndFresh({ validate: "idle" }, 1500);
  machine.heard(1601);
  assert.equal(machine.ready(1600)?.own, "1");
  assert.equal(machine.ready(1601)?.own, "2");
});

test("so it is where one is looked at first", () => {
  for (const [now, which] of [
    [999, "1"],
    [1000, "2"],
  ] as const) {
    const machine = oldAndFresh({ staleTimeout: 1000 }, 700);
    assert.equal(machine.ready(now), undefined);
    ask(machine, now, { timeout: 0 });
    assert.deepEqual(orders(machine), [`check ${which}`]);
  }
});

test("a hurry opens one more, and no second beside one that is on its way", () => {
  const machine = desk();
  lent(machine, 0);
  machine.hurry(1);
  assert.deepEqual(orders(machine), ["connect 2"]);
  machine.hurry(2);
  assert.deepEqual(orders(machine), []);
});

test("closeIdle keeps none unless it is told to", () => {
  const machine = desk();
  const [first, second] = [lent(machine, 0), lent(machine, 0)];
  machine.heard(0);
  machine.back(first, 0);
  machine.back(second, 0);
  assert.equal(machine.closeIdle(0, 1), 1);
  assert.equal(machine.closeIdle(0), 1);
});

test("one that expires while it is reset is replaced before it is closed", () => {
  const machine = desk({ staleTimeout: 1000 });
  const place = lent(machine, 0);
  machine.resets(place);
  ask(machine, 990, { brief: true, timeout: 0 });
  assert.deepEqual(orders(machine), []);
  machine.resetDone(place, true, 1000);
  assert.deepEqual(orders(machine), ["destroy 1", "connect 2"]);
});

test("nothing is opened for a brief caller for whom one is looked at already, however long that takes", () => {
  const machine = desk({ validate: "always" });
  const place = lent(machine, 0);
  machine.heard(0);
  machine.back(place, 0);
  ask(machine, 1, { brief: true, timeout: 0 });
  assert.deepEqual(orders(machine), ["check 1"]);
  machine.tick(500);
  assert.deepEqual(orders(machine), []);
});

/** A server that has refused three attempts in a row, the last of which is still being given up where `pending`. */
function down(machine: Desk, pending: boolean): void {
  for (let i = 0; i < 3; i++) {
    ask(machine, 0);
    const order = machine.orders.splice(0).find(({ kind }) => kind === "connect");
    assert.ok(order?.kind === "connect");
    machine.openFailed(order.place, 0, 0, false, pending && i === 2);
    assert.deepEqual(orders(machine), ["refuse unreachable"]);
  }
}

test("with a server that is down who waits for holders waits where every place is held or closing", () => {
  const machine = desk({ maxConnections: 2 });
  lent(machine, 0);
  down(machine, true);
  ask(machine, 1, { timeout: 1000, failFast: true });
  assert.deepEqual(orders(machine), []);
  assert.equal(machine.queue.size, 1);
});

test("and is refused where one is free, and so is everybody for whom nothing but a closing one is there", () => {
  const held = desk({ maxConnections: 3 });
  lent(held, 0);
  down(held, true);
  ask(held, 1, { timeout: 1000, failFast: true });
  assert.deepEqual(orders(held), ["refuse unreachable"]);
  const empty = desk({ maxConnections: 3 });
  down(empty, true);
  ask(empty, 1);
  assert.deepEqual(orders(empty), ["refuse unreachable"]);
});

test("a connection that comes back has the minimum made up that an expired one left, although nobody waits", () => {
  const machine = desk({ minConnections: 2, staleTimeout: 100 });
  machine.start(0);
  const connects = machine.orders
    .splice(0)
    .flatMap((order) => (order.kind === "connect" ? [order.place] : []));
  const [first, second] = connects as [Spot, Spot];
  machine.opened(first, 0, 0, false);
  machine.opened(second, 50, 0, false);
  machine.heard(NEVER);
  // The younger one is lent; then somebody looks for another and finds that its time is over, but does not ask.
  machine.take(second, 60, false);
  assert.equal(machine.ready(120), undefined);
  assert.deepEqual(orders(machine), ["destroy 1"]);
  machine.back(second, 120);
  assert.deepEqual(orders(machine), ["connect 3"]);
});

test("the moment at which a connection comes back matters only where something is counted from it", () => {
  const timeless = (limits: Partial<Limits>): boolean => {
    const machine = desk(limits);
    return machine.timeless(lent(machine, 0));
  };
  assert.ok(timeless({}));
  assert.ok(timeless({ validate: "always", maxUses: 5, leakTimeout: 10 }));
  for (const limits of [{ staleTimeout: 10 }, { maxLifetime: 10 }, { idleTimeout: 10 }, { keepalive: 10 }])
    assert.ok(!timeless(limits), JSON.stringify(limits));
  assert.ok(!timeless({ validate: "idle" }));
  const machine = desk({ maxConnections: 1 });
  const place = lent(machine, 0);
  ask(machine, 0, { timeout: 0 });
  assert.ok(!machine.timeless(place));
});

test("a connection that comes back while somebody waits is his without any further order", () => {
  const machine = desk({ maxConnections: 1 });
  const place = lent(machine, 0);
  machine.heard(NEVER);
  ask(machine, 1, { timeout: 0 });
  ask(machine, 2, { timeout: 0 });
  const next = machine.relay(place, 5);
  assert.equal(next?.since, 1);
  assert.deepEqual(orders(machine), []);
  assert.equal(machine.queue.size, 1);
  assert.equal(place.takenAt, 5);
  // Once it is on its way out nobody gets it.
  machine.drop(place, "lost", 6);
  assert.equal(machine.relay(place, 7), undefined);
});

test("connections that come back to be looked at first count as coming back: no others are opened beside", () => {
  for (const comesBack of [true, false]) {
    const machine = desk({ maxConnections: 8, connectConcurrency: 8 });
    const place = lent(machine, 0);
    machine.heard(0);
    for (let i = 0; i < 3; i++) ask(machine, 100, { brief: true, timeout: 0 });
    orders(machine);
    if (comesBack) machine.back(place, 115);
    orders(machine);
    machine.tick(120);
    assert.deepEqual(orders(machine), comesBack ? [] : ["connect 3"]);
  }
});

test("statements that get on without a connection of their own need no other one yet", () => {
  for (const moves of [true, false]) {
    const machine = desk({ maxConnections: 8, connectConcurrency: 8 });
    lent(machine, 0);
    for (let i = 0; i < 3; i++) ask(machine, 100, { brief: true, timeout: 0 });
    orders(machine);
    if (moves) machine.moved(115);
    machine.tick(120);
    assert.deepEqual(orders(machine), moves ? [] : ["connect 3"]);
  }
});

test("who waits for a millisecond is refused when it is over, and who has no limit never", () => {
  const machine = desk({ maxConnections: 1 });
  lent(machine, 0);
  ask(machine, 10, { timeout: 1 });
  ask(machine, 10, { timeout: 0 });
  assert.equal(machine.urgentAt, 11);
  machine.tick(10.9);
  assert.deepEqual(orders(machine), []);
  machine.tick(11);
  assert.deepEqual(orders(machine), ["refuse timeout"]);
  assert.equal(machine.urgentAt, NEVER);
  ask(machine, 20, { timeout: 0.5 });
  assert.equal(machine.urgentAt, 20.5);
});

test("what lies idle is looked at when its time is over, and not before", () => {
  for (const limits of [{ idleTimeout: 500 }, { keepalive: 500 }]) {
    const machine = desk(limits);
    const place = lent(machine, 0);
    machine.heard(NEVER);
    machine.back(place, 100);
    assert.equal(machine.maintenanceAt, 600, JSON.stringify(limits));
    // Lent and back again: the old moment is a lower bound, and the new one is found at it.
    machine.take(place, 200, false);
    machine.back(place, 300);
    machine.tick(600);
    assert.deepEqual(orders(machine), []);
    assert.equal(machine.maintenanceAt, 800, JSON.stringify(limits));
  }
});
